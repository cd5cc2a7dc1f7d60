{{/* The folders of documents that a service reads. Takes its name. */}}
{{- define "parley.documentFolders" -}}
{{- if eq . "model" }}models{{ else if eq . "dialogue" }}assistants,flows,strategies{{ end -}}
{{- end -}}

{{/* Takes root, name and service. */}}
{{- define "parley.volumeMounts" -}}
- { name: tmp, mountPath: /tmp }
- { name: data, mountPath: /var/lib/parley }
- { name: auth, mountPath: /run/parley, readOnly: true }
{{- if eq .name "model" }}
- { name: model-cache, mountPath: /var/cache/parley }
{{- end }}
{{- range .service.stores }}
{{- if (index $.root.Values .).caSecret.name }}
- { name: ca-{{ . }}, mountPath: /run/parley-{{ . }}, readOnly: true }
{{- end }}
{{- end }}
{{- range compact (splitList "," (include "parley.documentFolders" .name)) }}
{{- if index $.root.Values.documents . }}
- { name: {{ . }}, mountPath: /app/config/{{ . }}, readOnly: true }
{{- end }}
{{- end }}
{{- end -}}

{{/* Takes root, name and service. */}}
{{- define "parley.volumes" -}}
{{- $values := .root.Values -}}
- name: tmp
  emptyDir: { sizeLimit: 64Mi }
- name: data
  emptyDir: { sizeLimit: 128Mi }
- name: auth
  secret:
    secretName: {{ include "parley.authSecret" .root }}
    defaultMode: 0440
    items: [{ key: {{ $values.auth.fleetSecretKey }}, path: fleet-secret }]
{{- if eq .name "model" }}
- name: model-cache
  {{- if $values.model.cache.existingClaim }}
  persistentVolumeClaim: { claimName: {{ $values.model.cache.existingClaim }} }
  {{- else }}
  emptyDir: { sizeLimit: {{ $values.model.cache.sizeLimit }} }
  {{- end }}
{{- end }}
{{- range $store := .service.stores }}
{{- with (index $values $store).caSecret }}
{{- if .name }}
- name: ca-{{ $store }}
  secret:
    secretName: {{ .name }}
    defaultMode: 0440
    items: [{ key: {{ .key }}, path: ca.crt }]
{{- end }}
{{- end }}
{{- end }}
{{- range compact (splitList "," (include "parley.documentFolders" .name)) }}
{{- if index $values.documents . }}
- name: {{ . }}
  configMap: { name: {{ index $values.documents . }} }
{{- end }}
{{- end }}
{{- end -}}
