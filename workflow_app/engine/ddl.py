"""What the engine's tables need beyond columns: rules that no program may forget.

Each constant is one statement, run after its table is made; migrations use the same texts.
"""

# The function only answers for the rows that the WHEN of its triggers lets through.
REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION engine_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is final', TG_TABLE_NAME, OLD.id USING ERRCODE = 'integrity_constraint_violation';
END $$
"""

DEFINITION_IS_FIXED = """
CREATE TRIGGER process_definition_is_fixed BEFORE UPDATE ON process_definition FOR EACH ROW
WHEN ((OLD.key, OLD.version, OLD.sha256, OLD.xml) IS DISTINCT FROM (NEW.key, NEW.version, NEW.sha256, NEW.xml))
EXECUTE FUNCTION engine_refuse_change()
"""

DEFINITION_STAYS = """
CREATE TRIGGER process_definition_stays BEFORE DELETE ON process_definition FOR EACH ROW
EXECUTE FUNCTION engine_refuse_change()
"""

# What has ended stays ended: no later step can bring a signature's task back to life.
ENDED_IS_FINAL = """
CREATE TRIGGER {table}_ended_is_final BEFORE UPDATE ON {table} FOR EACH ROW
WHEN (OLD.status IN ('completed', 'cancelled') AND NEW.status IS DISTINCT FROM OLD.status)
EXECUTE FUNCTION engine_refuse_change()
"""

# The state is compressed already: a second try would only cost time.
STATE_STORAGE = "ALTER TABLE process_instance ALTER COLUMN state SET STORAGE EXTERNAL"

BY_TABLE: dict[str, tuple[str, ...]] = {
    "process_definition": (REFUSE_CHANGE, DEFINITION_IS_FIXED, DEFINITION_STAYS),
    "process_instance": (REFUSE_CHANGE, ENDED_IS_FINAL.format(table="process_instance"), STATE_STORAGE),
    "human_task": (REFUSE_CHANGE, ENDED_IS_FINAL.format(table="human_task")),
    "service_task": (REFUSE_CHANGE, ENDED_IS_FINAL.format(table="service_task")),
}
