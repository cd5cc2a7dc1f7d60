#!/bin/sh
# Shows events as they come: time, key, headers, payload. All arguments go to kcat; for example
#   ./tail.sh -o beginning -e     everything so far, and no more
#   ./tail.sh -o -10              the last ten of each partition, then what comes
exec kcat -C -q -b "${KAFKA_BROKERS:-localhost:9092}" -t "${TOPIC:-parley.conversation.events.v1}" -u -o end \
  -f '%T %k\n  %h\n  %s\n\n' "$@"
