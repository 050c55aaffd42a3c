#!/bin/sh
# Secrets come as files: TALLYBOOK_ADMIN_KEY_FILE is read into TALLYBOOK_ADMIN_KEY, and so on.
set -eu
for name in ADMIN_KEY INGEST_KEY SESSION_SECRET ORGANIZATION_URL; do
    eval "file=\${TALLYBOOK_${name}_FILE:-}"
    if [ -n "$file" ]; then
        value=$(cat "$file")
        export "TALLYBOOK_${name}=$value"
    fi
done
exec "$@"
