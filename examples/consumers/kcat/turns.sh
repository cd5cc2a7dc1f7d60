#!/bin/sh
# Prints one line for every turn that has ended so far: the conversation, how it ended, its tokens.
kcat -C -q -e -o beginning -b "${KAFKA_BROKERS:-localhost:9092}" \
  -t "${TOPIC:-parley.conversation.events.v1}" -f '%k\t%h\t%s\n' |
  awk -F '\t' '
    # kcat writes headers as ce_id=…,ce_type=…; their values hold no comma.
    function header(name, list, n, i) {
      n = split($2, list, ",")
      for (i = 1; i <= n; i++) if (index(list[i], name "=") == 1) return substr(list[i], length(name) + 2)
      return ""
    }
    # JSON of proto3 leaves out what is 0. In a text of the payload the quotes have a backslash before them.
    function count(name) {
      return match($3, "\"" name "\":[0-9]+") ? substr($3, RSTART + length(name) + 3, RLENGTH - length(name) - 3) : 0
    }
    # Every turn has exactly one event of one of these types.
    header("ce_type") ~ /^parley\.turn\.(completed|failed|cancelled|incomplete)\.v1$/ && $3 ~ /^{/ {
      id = header("ce_id")
      if (id in seen) next
      seen[id] = 1
      split(header("ce_type"), type, ".")
      print $1 "\t" header("ce_sequence") "\t" $1 " " type[3] " " count("inputTokens") "+" count("outputTokens") " tokens"
    }' |
  sort -t "$(printf '\t')" -k 1,1 -k 2,2n | cut -f 3-
