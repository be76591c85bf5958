-- Documents that were moved out of a case: a review takes one once, and only one of its own customer's; nothing else of
-- a document changes but that it ends.

CREATE FUNCTION core.review_document_stays_its_customers() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, core, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.review_id IS NOT NULL AND NEW.review_id IS DISTINCT FROM OLD.review_id THEN
        RAISE EXCEPTION 'a document stays with its review' USING errcode = '42501';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.key <> OLD.key AND NEW.key <> '' THEN
        RAISE EXCEPTION 'the key of a document is only ever destroyed' USING errcode = '42501';
    END IF;
    IF NEW.review_id IS NOT NULL AND NEW.customer_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM security_manualreview WHERE id = NEW.review_id AND customer_id = NEW.customer_id
    ) THEN
        RAISE EXCEPTION 'this is the review of another customer' USING errcode = '23514',
            constraint = 'security_reviewdocument_of_its_customer';
    END IF;
    RETURN NEW;
END $$;

REVOKE ALL ON FUNCTION core.review_document_stays_its_customers FROM PUBLIC;

CREATE TRIGGER a_stays BEFORE INSERT OR UPDATE ON security_reviewdocument
    FOR EACH ROW EXECUTE FUNCTION core.review_document_stays_its_customers();
ALTER TABLE security_reviewdocument ENABLE ALWAYS TRIGGER a_stays;
