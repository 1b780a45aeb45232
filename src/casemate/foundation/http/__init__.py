"""The one HTTP/1.1 server that gateway and edge share."""
