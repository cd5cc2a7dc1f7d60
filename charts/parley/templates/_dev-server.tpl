{{/*
A server of one pod for trying things out. Takes root, name, port, user (its uid in the image), dataDir, args, env, probe
and, where the server writes beside its data, writable: {folder: size} or isRootWritable.
*/}}
{{- define "parley.devServer" -}}
{{- $fullname := printf "%s-%s" (include "parley.fullname" .root) .name -}}
{{- $dev := (index .root.Values .name).dev -}}
{{- $context := dict "root" .root "component" .name -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ $fullname }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "parley.labels" $context | nindent 4 }}
spec:
  clusterIP: None
  selector:
    {{- include "parley.selector" $context | nindent 4 }}
  ports:
    - { name: {{ .name }}, port: {{ .port }}, targetPort: {{ .name }}, protocol: TCP, appProtocol: tcp }
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ $fullname }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "parley.labels" $context | nindent 4 }}
spec:
  serviceName: {{ $fullname }}
  replicas: 1
  selector:
    matchLabels:
      {{- include "parley.selector" $context | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "parley.selector" $context | nindent 8 }}
    spec:
      automountServiceAccountToken: false
      # The variables of service links look like settings to these servers.
      enableServiceLinks: false
      terminationGracePeriodSeconds: 60
      {{- with .root.Values.global.imagePullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - name: {{ . }}
        {{- end }}
      {{- end }}
      securityContext:
        {{- include "parley.podSecurity" .user | nindent 8 }}
      containers:
        - name: {{ .name }}
          image: {{ include "parley.image" (dict "root" .root "name" $dev.image) }}
          imagePullPolicy: {{ .root.Values.defaults.image.pullPolicy }}
          {{- with .args }}
          args:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          {{- with .env }}
          env:
            {{- range $variable, $value := . }}
            - { name: {{ $variable }}, value: {{ $value | quote }} }
            {{- end }}
          {{- end }}
          ports:
            - { name: {{ .name }}, containerPort: {{ .port }} }
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: {{ not .isRootWritable }}
            capabilities: { drop: [ALL] }
          startupProbe:
            {{- toYaml .probe | nindent 12 }}
            periodSeconds: 2
            timeoutSeconds: 5
            failureThreshold: 60
          readinessProbe:
            {{- toYaml .probe | nindent 12 }}
            periodSeconds: 5
            timeoutSeconds: 5
          livenessProbe:
            tcpSocket: { port: {{ .name }} }
            periodSeconds: 10
            failureThreshold: 6
          resources:
            {{- toYaml $dev.resources | nindent 12 }}
          volumeMounts:
            - { name: data, mountPath: {{ .dataDir }} }
            - { name: tmp, mountPath: /tmp }
            {{- range $index, $folder := .writable }}
            - { name: writable-{{ $index }}, mountPath: {{ $folder }} }
            {{- end }}
      volumes:
        - name: tmp
          emptyDir: { sizeLimit: 64Mi }
        {{- range $index, $_ := .writable }}
        - name: writable-{{ $index }}
          emptyDir: { sizeLimit: 16Mi }
        {{- end }}
        {{- if not $dev.storage }}
        - name: data
          emptyDir: {}
        {{- end }}
  {{- with $dev.storage }}
  volumeClaimTemplates:
    - apiVersion: v1
      kind: PersistentVolumeClaim
      metadata: { name: data }
      spec:
        accessModes: [ReadWriteOnce]
        resources: { requests: { storage: {{ . }} } }
  {{- end }}
{{- end -}}
