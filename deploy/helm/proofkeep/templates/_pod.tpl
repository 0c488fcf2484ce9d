{{/* Of agent, workers and the steps before them: what a container may do. */}}
{{- define "proofkeep.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "proofkeep.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
# Always would open the signing key to the group at each start, and the agent refuses such a key.
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "proofkeep.environment" -}}
- name: PROOFKEEP_DAEMON__LISTEN
  value: "0.0.0.0:9464"
- name: PROOFKEEP_LOG__FORMAT
  value: json
{{- if .Values.workers.enabled }}
- name: PROOFKEEP_WORKERS__ENABLED
  value: "true"
{{- end }}
{{- if eq .Values.database.kind "postgresql" }}
- name: PROOFKEEP_DATABASE
  valueFrom:
    secretKeyRef:
      name: {{ .Values.database.postgresql.existingSecret }}
      key: {{ .Values.database.postgresql.urlKey }}
{{- else }}
- name: PROOFKEEP_DATABASE
  value: sqlite:////var/lib/proofkeep/proofkeep.db
{{- end }}
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The settings stand in the working directory, so that commands by hand find them too. */}}
{{- define "proofkeep.mounts" -}}
- name: state
  mountPath: /var/lib/proofkeep
- name: settings
  mountPath: /var/lib/proofkeep/proofkeep.toml
  subPath: proofkeep.toml
  readOnly: true
- name: tmp
  mountPath: /tmp
{{- end }}

{{- define "proofkeep.volumes" -}}
- name: settings
  configMap:
    name: {{ include "proofkeep.fullname" . }}
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- end }}

{{- define "proofkeep.placement" -}}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "proofkeep.podMetadata" -}}
annotations:
  checksum/config: {{ .Values.config | sha256sum }}
  {{- with .Values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
labels:
  {{- include "proofkeep.labels" . | nindent 2 }}
  {{- if .Values.workloadIdentity.aks.clientId }}
  azure.workload.identity/use: "true"
  {{- end }}
  {{- with .Values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
