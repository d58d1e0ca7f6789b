{{- define "coursepulse.labels" -}}
app.kubernetes.io/name: coursepulse
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "coursepulse.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* One variable from the Secret that the operator made. */}}
{{- define "coursepulse.secret" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .key }}
      {{- if .optional }}
      optional: true
      {{- end }}
{{- end }}

{{/* The settings of a process; .role says what it does. */}}
{{- define "coursepulse.environment" -}}
- name: COURSEPULSE_ROLES
  value: {{ .role }}
- name: COURSEPULSE_PUBLIC_URL
  value: {{ .Values.publicUrl | quote }}
- name: FORWARDED_ALLOW_IPS
  value: {{ .Values.forwardedAllowIps | quote }}
{{ include "coursepulse.secret" (dict "name" "COURSEPULSE_LOG" "secret" .Values.secretName "key" "log") }}
{{ include "coursepulse.secret" (dict "name" "COURSEPULSE_POSTGRES" "secret" .Values.secretName "key" "postgres") }}
{{ include "coursepulse.secret" (dict "name" "COURSEPULSE_POSTGRES_REPLICAS" "secret" .Values.secretName "key" "postgres-replicas" "optional" true) }}
{{ include "coursepulse.secret" (dict "name" "COURSEPULSE_CLICKHOUSE" "secret" .Values.secretName "key" "clickhouse") }}
{{ include "coursepulse.secret" (dict "name" "COURSEPULSE_PSEUDONYM_SECRET" "secret" .Values.secretName "key" "pseudonym-secret") }}
{{ include "coursepulse.secret" (dict "name" "COURSEPULSE_API_KEYS" "secret" .Values.secretName "key" "api-keys" "optional" true) }}
{{ include "coursepulse.secret" (dict "name" "COURSEPULSE_CACHE" "secret" .Values.secretName "key" "redis" "optional" true) }}
{{ include "coursepulse.secret" (dict "name" "COURSEPULSE_LIMITS" "secret" .Values.secretName "key" "redis" "optional" true) }}
{{ include "coursepulse.secret" (dict "name" "COURSEPULSE_LIVE" "secret" .Values.secretName "key" "redis" "optional" true) }}
{{- range $name, $value := .Values.settings }}
- name: COURSEPULSE_{{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}
