{# No two rows have the same values in these columns. #}
{% test told_apart_by(model, names) %}
    SELECT {{ names | join(", ") }}, count(*) AS rows
    FROM {{ model }}
    GROUP BY {{ names | join(", ") }}
    HAVING count(*) > 1
{% endtest %}
