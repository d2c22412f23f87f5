/* The component behind dashboard_app/components/markup.py. */
window.tideline_components = {
  Markup: function ({ id, className, html }) {
    return window.React.createElement("div", {
      id,
      className,
      dangerouslySetInnerHTML: { __html: html },
    });
  },
};
