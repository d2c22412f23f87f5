"""Background work: the writer, Dramatiq actors, their schedule, and pure statistics."""
