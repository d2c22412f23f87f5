"""Pure functions from props to components."""
