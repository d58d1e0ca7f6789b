-- Receivers of webhooks hear of alerts that were taken back or erased: such a message outlives the alert.
ALTER TABLE webhook_messages ALTER COLUMN alert_id DROP NOT NULL;
ALTER TABLE webhook_messages ADD COLUMN gone_id uuid;  -- the alert that is no more, with which the receiver knows it
ALTER TABLE webhook_messages ADD CHECK ((alert_id IS NULL) = (gone_id IS NOT NULL));
ALTER TABLE webhook_messages DROP CONSTRAINT webhook_messages_happened_check;
ALTER TABLE webhook_messages ADD CONSTRAINT webhook_messages_happened_check
    CHECK (happened IN ('raised', 'cleared', 'removed'));
