{{/* The security of every pod here: what the level `restricted` of Pod Security asks for, and a read-only root. */}}
{{- define "parley.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "parley.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{/* The pod of a service. Takes root, name and service. */}}
{{- define "parley.pod" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
{{- $defaults := $values.defaults -}}
{{- $selector := include "parley.selector" (dict "root" $root "component" .name) -}}
{{- $isGpu := and (eq .name "model") (eq (include "parley.hasGpu" $root) "true") -}}
serviceAccountName: {{ include "parley.fullname" $root }}-{{ .name }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ add .service.drain.preStopSeconds .service.drain.seconds 15 }}
{{- with $values.global.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with coalesce .service.priorityClassName $defaults.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- if $isGpu }}
{{- with $values.model.gpu.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- end }}
securityContext:
  {{- include "parley.podSecurity" 65532 | nindent 2 }}
{{- with coalesce .service.nodeSelector $defaults.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- $tolerations := default $defaults.tolerations .service.tolerations }}
{{- if $isGpu }}
{{- $tolerations = append $tolerations (dict "key" $values.model.gpu.resource "operator" "Exists" "effect" "NoSchedule") }}
{{- end }}
{{- with $tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with coalesce .service.affinity $defaults.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    matchLabelKeys: [pod-template-hash]
    labelSelector:
      matchLabels:
        {{- $selector | nindent 8 }}
  {{- end }}
containers:
  - name: {{ .name }}
    image: {{ include "parley.serviceImage" (dict "root" $root "service" .service) }}
    imagePullPolicy: {{ $defaults.image.pullPolicy }}
    securityContext:
      {{- include "parley.containerSecurity" . | nindent 6 }}
    ports:
      {{- if eq .name "gateway" }}
      - { name: http, containerPort: 8080 }
      - { name: public-grpc, containerPort: 50050 }
      {{- end }}
      - { name: grpc, containerPort: 50051 }
      - { name: telemetry, containerPort: 9464 }
    env:
      {{- include "parley.envList" (include "parley.env" . | fromYaml) | trim | nindent 6 }}
    {{- range $probe, $health := dict "startup" "liveness" "readiness" "readiness" "liveness" "liveness" }}
    {{ $probe }}Probe:
      grpc: { port: 50051, service: {{ $health }} }
      {{- toYaml (merge (index (default dict $.service.probes) $probe | default dict | deepCopy) (index $defaults.probes $probe)) | nindent 6 }}
    {{- end }}
    lifecycle:
      preStop: { sleep: { seconds: {{ .service.drain.preStopSeconds }} } }
    resources:
      {{- $resources := deepCopy .service.resources }}
      {{- if $isGpu }}
      {{- $_ := set $resources "limits" (merge (dict $values.model.gpu.resource $values.model.gpu.count) $resources.limits) }}
      {{- end }}
      {{- toYaml $resources | nindent 6 }}
    volumeMounts:
      {{- include "parley.volumeMounts" . | nindent 6 }}
volumes:
  {{- include "parley.volumes" . | nindent 2 }}
{{- end -}}

{{/* Takes the map that parley.env makes. */}}
{{- define "parley.envList" -}}
{{- range $variable, $source := . }}
- name: {{ $variable }}
  {{- if hasKey $source "value" }}
  value: {{ $source.value | quote }}
  {{- else }}
  valueFrom: { secretKeyRef: { name: {{ $source.name }}, key: {{ $source.key }} } }
  {{- end }}
{{- end }}
{{- end -}}
