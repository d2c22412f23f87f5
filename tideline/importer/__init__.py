"""`tideline import`: a file of events, posted to the API in its own order."""
