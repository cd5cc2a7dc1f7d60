{{/* What the schema cannot see: how values fit together. Every message begins with the path of a value. */}}
{{- define "parley.validate" -}}
{{- $values := .Values -}}
{{- if not (or $values.auth.existingSecret $values.auth.create) -}}
{{- fail "auth.existingSecret is empty: name a Secret with the keys fleet-secret and api-key (values.yaml says how to make one)" -}}
{{- end -}}
{{- if and $values.auth.existingSecret $values.auth.create -}}
{{- fail "auth.create and auth.existingSecret exclude each other" -}}
{{- end -}}
{{- if and (eq $values.kafka.mode "external") (empty $values.kafka.brokers) -}}
{{- fail "kafka.brokers is empty: name some brokers as host:port, or set kafka.mode to dev" -}}
{{- end -}}
{{- $redis := $values.redis -}}
{{- $isRedisSet := or $redis.url $redis.env.PARLEY_REDIS_SENTINELS $redis.env.PARLEY_REDIS_CLUSTER -}}
{{- if and (eq $redis.mode "external") (not $isRedisSet) -}}
{{- fail "redis.url is empty: name a server as redis://host:6379, or set redis.mode to dev" -}}
{{- end -}}
{{- if and (eq $values.postgres.mode "external") (empty $values.postgres.url) -}}
{{- fail "postgres.url is empty: name a database as postgres://host:5432/database, or set postgres.mode to dev" -}}
{{- end -}}
{{- if ne (eq $values.kafka.saslMechanism "none") (empty $values.kafka.username) -}}
{{- fail "kafka.saslMechanism and kafka.username belong together: set both, or neither" -}}
{{- end -}}
{{- if gt (int $values.services.logging.replicas.max) (int $values.kafka.partitions) -}}
{{- fail (printf "services.logging.replicas.max (%d) is above kafka.partitions (%d): the rest would have nothing to read" (int $values.services.logging.replicas.max) (int $values.kafka.partitions)) -}}
{{- end -}}
{{- $names := keys $values.services | sortAlpha -}}
{{- range $name, $service := $values.services -}}
{{- $path := printf "services.%s" $name -}}
{{- range $caller := $service.callers -}}
{{- if not (has $caller $names) -}}
{{- fail (printf "%s.callers names unknown %q; there are %s" $path $caller (join ", " $names)) -}}
{{- end -}}
{{- end -}}
{{- if gt (int $service.replicas.min) (int $service.replicas.max) -}}
{{- fail (printf "%s.replicas.min (%d) is above %s.replicas.max (%d)" $path (int $service.replicas.min) $path (int $service.replicas.max)) -}}
{{- end -}}
{{- if and (not $service.enabled) (not $service.address) (ne $name "monitoring") (ne $name "gateway") -}}
{{- fail (printf "%s.address is empty: %s.enabled is false, so say where the others find the service, as host:port" $path $path) -}}
{{- end -}}
{{- $renewed := add (div (mul 11 (int $values.defaults.connectionAgeSeconds)) 10) 3 -}}
{{- if and (has $name (list "dialogue" "model" "logging")) (lt (int $service.drain.preStopSeconds) (int $renewed)) -}}
{{- fail (printf "%s.drain.preStopSeconds (%d) is below %d, the time in which callers renew their connections (defaults.connectionAgeSeconds): they would call a pod that takes nothing new" $path (int $service.drain.preStopSeconds) (int $renewed)) -}}
{{- end -}}
{{- range $variable, $_ := $service.env -}}
{{- if hasKey $service.secretEnv $variable -}}
{{- fail (printf "%s.env.%s and %s.secretEnv.%s set the same variable" $path $variable $path $variable) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
