"""What visitors used."""

from dashboard_app.panels.breakdown_card import BreakdownCard, Tab

CARD = BreakdownCard(
    "devices",
    "Devices",
    (
        Tab("device", "Device", "device"),
        Tab("browser", "Browser", "browser"),
        Tab("os", "System", "os"),
        Tab("screen", "Screen", "screen"),
    ),
)
