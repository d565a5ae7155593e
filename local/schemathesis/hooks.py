"""What Schemathesis has to know of the document beside the document itself."""

import schemathesis

# Pieces of files are sent as the bytes they are.
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
