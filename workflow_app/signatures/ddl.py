"""A signature stays as it was made: no change, no removal, by nobody."""

REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION signatures_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of signature % refused', TG_OP, OLD.id USING ERRCODE = 'integrity_constraint_violation';
END $$
"""

SIGNATURE_STAYS = """
CREATE TRIGGER signature_stays BEFORE UPDATE OR DELETE ON signature FOR EACH ROW
EXECUTE FUNCTION signatures_refuse_change()
"""

STATEMENTS = (REFUSE_CHANGE, SIGNATURE_STAYS)
