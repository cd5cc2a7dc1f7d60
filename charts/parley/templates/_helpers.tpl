{{- define "parley.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Room for "-monitoring" and the like within the 63 characters of a name. */}}
{{- define "parley.fullname" -}}
{{- $name := include "parley.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What selects pods. Takes (dict "root" $ "component" "gateway"). */}}
{{- define "parley.selector" -}}
app.kubernetes.io/name: {{ include "parley.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "parley.labels" -}}
{{ include "parley.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: parley
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* An image under the registry of `global`. Takes (dict "root" $ "name" "repository:tag"). */}}
{{- define "parley.image" -}}
{{- with .root.Values.global.imageRegistry }}{{ . | trimSuffix "/" }}/{{ end }}{{ .name -}}
{{- end -}}

{{/* A service's image: the digest wins over the tag, its own tag over the common one. Takes root and service. */}}
{{- define "parley.serviceImage" -}}
{{- $image := .service.image -}}
{{- $tag := coalesce $image.tag .root.Values.defaults.image.tag .root.Chart.AppVersion -}}
{{- $name := printf "%s:%s" $image.repository $tag -}}
{{- if $image.digest }}{{ $name = printf "%s@%s" $image.repository $image.digest }}{{ end -}}
{{- include "parley.image" (dict "root" .root "name" $name) -}}
{{- end -}}

{{- define "parley.authSecret" -}}
{{- default (printf "%s-auth" (include "parley.fullname" .)) .Values.auth.existingSecret -}}
{{- end -}}

{{/* Where a service of the fleet is called. Takes root and name. */}}
{{- define "parley.address" -}}
{{- $service := index .root.Values.services .name -}}
{{- if $service.enabled -}}
{{- $host := printf "%s-%s.%s.svc.%s" (include "parley.fullname" .root) .name .root.Release.Namespace .root.Values.global.clusterDomain -}}
{{- printf "%s:50051" $host -}}
{{- else -}}
{{- $service.address -}}
{{- end -}}
{{- end -}}

{{/* Whether model pods have a GPU: "true" or nothing. */}}
{{- define "parley.hasGpu" -}}
{{- if ne .Values.model.gpu.mode "none" }}true{{ end -}}
{{- end -}}

{{/* Whether an autoscaler owns the replicas of a service: "true" or nothing. Takes root and name. */}}
{{- define "parley.isScaled" -}}
{{- $isGpu := and (eq .name "model") (eq (include "parley.hasGpu" .root) "true") -}}
{{- if and (eq .root.Values.autoscaling.provider "resource") (not $isGpu) }}true{{ end -}}
{{- end -}}
