"""Where visitors came from."""

from dashboard_app.panels.breakdown_card import BreakdownCard, Tab

CARD = BreakdownCard(
    "sources",
    "Sources",
    (
        Tab("channel", "Channel", "channel"),
        Tab("source", "Source", "source"),
        Tab("referrer", "Referrer", "referrer"),
        Tab("campaign", "Campaign", "utm_campaign"),
    ),
)
