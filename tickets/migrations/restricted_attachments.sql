-- An attachment may lose its file, and nothing else of it changes but what is written down then: no file is swapped for
-- another, and what was taken for an identity document does not come back.

CREATE FUNCTION core.attachment_only_loses_its_file() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    IF NEW.file_id IS NOT NULL AND NEW.file_id IS DISTINCT FROM OLD.file_id THEN
        RAISE EXCEPTION 'the file of an attachment is never another' USING errcode = '42501';
    END IF;
    IF OLD.restricted_at IS NOT NULL AND (NEW.restricted_at IS DISTINCT FROM OLD.restricted_at
        OR NEW.restricted_by_id IS DISTINCT FROM OLD.restricted_by_id) THEN
        RAISE EXCEPTION 'an identity document does not come back' USING errcode = '42501';
    END IF;
    IF OLD.document <> '' AND NEW.document <> OLD.document THEN
        RAISE EXCEPTION 'where a document has gone stays written' USING errcode = '42501';
    END IF;
    RETURN NEW;
END $$;

REVOKE ALL ON FUNCTION core.attachment_only_loses_its_file FROM PUBLIC;

CREATE TRIGGER a_only_loses_its_file BEFORE UPDATE ON tickets_attachment
    FOR EACH ROW EXECUTE FUNCTION core.attachment_only_loses_its_file();
ALTER TABLE tickets_attachment ENABLE ALWAYS TRIGGER a_only_loses_its_file;
