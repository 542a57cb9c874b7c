ALTER TABLE `user_tokens` ADD `idempotency_key` text;--> statement-breakpoint
CREATE UNIQUE INDEX `user_tokens_by_idempotency_key` ON `user_tokens` (`user_id`,`idempotency_key`);