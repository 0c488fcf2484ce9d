{{- define "proofkeep.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "proofkeep.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains (include "proofkeep.name" .) .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "proofkeep.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "proofkeep.selector" -}}
app.kubernetes.io/name: {{ include "proofkeep.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "proofkeep.labels" -}}
{{ include "proofkeep.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "proofkeep.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "proofkeep.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name is needed when serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "proofkeep.image" -}}
{{- $tagged := printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- if .Values.image.digest }}{{ $tagged }}@{{ .Values.image.digest }}{{ else }}{{ $tagged }}{{ end }}
{{- end }}

{{- define "proofkeep.replicas" -}}
{{- if kindIs "invalid" .Values.replicas -}}
{{ eq .Values.database.kind "postgresql" | ternary 2 1 }}
{{- else -}}
{{ int .Values.replicas }}
{{- end }}
{{- end }}

{{/* "true" or nothing. */}}
{{- define "proofkeep.persistent" -}}
{{- if kindIs "invalid" .Values.persistence.enabled -}}
{{ if eq .Values.database.kind "sqlite" }}true{{ end }}
{{- else -}}
{{ if .Values.persistence.enabled }}true{{ end }}
{{- end }}
{{- end }}

{{- define "proofkeep.claim" -}}
{{- default (include "proofkeep.fullname" .) .Values.persistence.existingClaim }}
{{- end }}

{{/* What no schema can say about several values at once. */}}
{{- define "proofkeep.refuse" -}}
{{- $several := gt (include "proofkeep.replicas" . | int) 1 }}
{{- if eq .Values.database.kind "sqlite" }}
{{- if $several }}{{ fail "replicas: an SQLite file serves one agent; use database.kind postgresql for more" }}{{ end }}
{{- if .Values.workers.enabled }}{{ fail "workers.enabled: workers need database.kind postgresql" }}{{ end }}
{{- if not (include "proofkeep.persistent" .) }}{{ fail "persistence.enabled: SQLite needs the volume" }}{{ end }}
{{- else }}
{{- if not .Values.database.postgresql.existingSecret }}{{ fail "database.postgresql.existingSecret: name the Secret with the database URLs" }}{{ end }}
{{- end }}
{{- if and (or $several (not (include "proofkeep.persistent" .))) (not .Values.signingKey.existingSecret) }}
{{- fail "signingKey.existingSecret: several agents, or one without a volume, need a key that they are given" }}
{{- end }}
{{- end }}
