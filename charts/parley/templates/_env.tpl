{{/*
The environment of a service as a map, so that no name can come twice: {NAME: {value}} or {NAME: {name, key}} of a
Secret. Takes root, name and service; its result is read by fromYaml.
*/}}
{{- define "parley.env" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
{{- $env := dict
  "PARLEY_HOST" (dict "value" "0.0.0.0")
  "PARLEY_DATA" (dict "value" "/var/lib/parley")
  "PARLEY_CONFIG" (dict "value" "/app/config")
  "PARLEY_FLEET_SECRET_FILE" (dict "value" "/run/parley/fleet-secret")
  "PARLEY_LOG_LEVEL" (dict "value" $values.defaults.logLevel)
  "PARLEY_DRAIN_TIMEOUT_MS" (dict "value" (mul 1000 .service.drain.seconds | toString))
  "PARLEY_MAX_CONNECTION_AGE_MS" (dict "value" (mul 1000 $values.defaults.connectionAgeSeconds | toString)) -}}
{{- if eq .name "gateway" -}}
{{- $_ := set $env "PARLEY_API_KEY" (dict "name" (include "parley.authSecret" $root) "key" $values.auth.apiKeyKey) -}}
{{- end -}}
{{- if eq .name "model" -}}
{{- $_ := set $env "PARLEY_MODEL_CACHE" (dict "value" "/var/cache/parley") -}}
{{- $_ := set $env "PARLEY_MODEL_KEPT_DIR" (dict "value" "/var/cache/parley/.kept") -}}
{{- end -}}
{{- range $callee, $service := $values.services -}}
{{- $address := include "parley.address" (dict "root" $root "name" $callee) -}}
{{- if and (has $.name $service.callers) $address -}}
{{- $_ := set $env (printf "PARLEY_%s_ADDRESS" (upper $callee)) (dict "value" $address) -}}
{{- end -}}
{{- end -}}
{{- range .service.stores -}}
{{- $env = merge (include "parley.storeEnv" (dict "root" $root "store" .) | fromYaml) $env -}}
{{- end -}}
{{- range $variable, $value := .service.env -}}
{{- $_ := set $env $variable (dict "value" (toString $value)) -}}
{{- end -}}
{{- range $variable, $secret := .service.secretEnv -}}
{{- $_ := set $env $variable $secret -}}
{{- end -}}
{{- toYaml $env -}}
{{- end -}}

{{/* How a store is reached, in the same form. Takes root and store: redis, kafka or postgres. */}}
{{- define "parley.storeEnv" -}}
{{- $store := index .root.Values .store -}}
{{- $prefix := printf "PARLEY_%s" (upper .store) -}}
{{- $dev := printf "%s-%s" (include "parley.fullname" .root) .store -}}
{{- $env := dict -}}
{{- if eq $store.mode "dev" -}}
{{- if eq .store "redis" }}{{ $_ := set $env "PARLEY_REDIS_URL" (dict "value" (printf "redis://%s:6379" $dev)) }}{{ end -}}
{{- if eq .store "kafka" }}{{ $_ := set $env "PARLEY_KAFKA_BROKERS" (dict "value" (printf "%s:9092" $dev)) }}{{ end -}}
{{- if eq .store "postgres" }}{{ $_ := set $env "PARLEY_POSTGRES_URL" (dict "value" (printf "postgres://parley@%s:5432/parley" $dev)) }}{{ end -}}
{{- else -}}
{{- if $store.brokers }}{{ $_ := set $env "PARLEY_KAFKA_BROKERS" (dict "value" (join "," $store.brokers)) }}{{ end -}}
{{- if eq .store "kafka" }}
{{- $_ := set $env "PARLEY_KAFKA_SASL_MECHANISM" (dict "value" $store.saslMechanism) -}}
{{- end -}}
{{- if $store.url }}{{ $_ := set $env (printf "%s_URL" $prefix) (dict "value" $store.url) }}{{ end -}}
{{- if $store.username }}{{ $_ := set $env (printf "%s_USERNAME" $prefix) (dict "value" $store.username) }}{{ end -}}
{{- with $store.passwordSecret -}}
{{- if .name }}{{ $_ := set $env (printf "%s_PASSWORD" $prefix) (dict "name" .name "key" .key) }}{{ end -}}
{{- end -}}
{{- if $store.caSecret.name -}}
{{- $_ := set $env (printf "%s_TLS_CA" $prefix) (dict "value" (printf "/run/parley-%s/ca.crt" .store)) -}}
{{- end -}}
{{- end -}}
{{- if eq .store "kafka" }}
{{- $_ := set $env "PARLEY_KAFKA_PARTITIONS" (dict "value" (toString $store.partitions)) -}}
{{- $_ := set $env "PARLEY_KAFKA_REPLICATION" (dict "value" (toString (ternary 1 $store.replication (eq $store.mode "dev")))) -}}
{{- end -}}
{{- range $variable, $value := $store.env }}{{ $_ := set $env $variable (dict "value" (toString $value)) }}{{ end -}}
{{- toYaml $env -}}
{{- end -}}
