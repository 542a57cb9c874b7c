CREATE TABLE `device_grants` (
	`id` text PRIMARY KEY NOT NULL,
	`device_code_hash` text NOT NULL,
	`user_code_hash` text NOT NULL,
	`status` text NOT NULL,
	`client_id` text NOT NULL,
	`protocol` text NOT NULL,
	`device_name` text NOT NULL,
	`scopes` text NOT NULL,
	`address` text NOT NULL,
	`user_agent` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`user_id` text,
	`strangers` integer DEFAULT 0 NOT NULL,
	`interval_seconds` integer NOT NULL,
	`last_polled_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `device_grants_deviceCodeHash_unique` ON `device_grants` (`device_code_hash`);--> statement-breakpoint
CREATE UNIQUE INDEX `device_grants_userCodeHash_unique` ON `device_grants` (`user_code_hash`);--> statement-breakpoint
CREATE INDEX `device_grants_by_expiry` ON `device_grants` (`expires_at`);--> statement-breakpoint
ALTER TABLE `user_tokens` ADD `client_id` text;