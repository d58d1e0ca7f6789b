{# A column adds up to what another one does in the table that it is made of. #}
{% test adds_up_to(model, column_name, other, other_column, condition="true") %}
    SELECT *
    FROM
        (SELECT coalesce(sum({{ column_name }}), 0) AS here FROM {{ model }}),
        (SELECT coalesce(sum({{ other_column }}), 0) AS there FROM {{ other }} WHERE {{ condition }})
    WHERE abs(here - there) > 0.001
{% endtest %}
