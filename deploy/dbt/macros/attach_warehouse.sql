{# The files that the manifest lists, as views that the sources name: a run sees one whole version of the warehouse. #}
{% macro attach_warehouse() %}
    {% if execute and flags.WHICH in ("run", "build", "test", "seed", "snapshot") %}
        {% set folder = env_var("COURSEPULSE_WAREHOUSE_FILES") %}
        {% do run_query("CREATE SCHEMA IF NOT EXISTS warehouse") %}
        {% set files = run_query(
            "SELECT file.table, string_agg(concat(chr(39), '" ~ folder ~ "/', file.path, chr(39)), ', ') "
            ~ "FROM (SELECT unnest(files) AS file FROM read_json('" ~ folder ~ "/manifest.json')) GROUP BY file.table"
        ) %}
        {% for row in files.rows %}
            {% do run_query(
                "CREATE OR REPLACE VIEW warehouse." ~ row[0]
                ~ " AS SELECT * FROM read_parquet([" ~ row[1] ~ "], hive_partitioning = false)"
            ) %}
        {% endfor %}
    {% endif %}
{% endmacro %}
