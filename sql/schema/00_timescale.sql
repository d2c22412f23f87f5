-- TimescaleDB only: chunks are made by the extension.

CREATE FUNCTION ensure_month(month date) RETURNS void LANGUAGE sql AS 'SELECT';
