CREATE TABLE `audit_entries` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`action` text NOT NULL,
	`actor_kind` text NOT NULL,
	`actor_id` text,
	`actor_name` text NOT NULL,
	`address` text,
	`subject_id` text,
	`subject_name` text,
	`target` text,
	`detail` text
);
--> statement-breakpoint
CREATE INDEX `audit_entries_by_subject` ON `audit_entries` (`subject_id`,`id`);--> statement-breakpoint
CREATE INDEX `audit_entries_by_actor` ON `audit_entries` (`actor_id`,`id`);--> statement-breakpoint
CREATE INDEX `audit_entries_by_action` ON `audit_entries` (`action`,`id`);--> statement-breakpoint
CREATE TABLE `model_checks` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`provider` text NOT NULL,
	`source` text NOT NULL,
	`requested_at` integer NOT NULL,
	`finished_at` integer,
	`result` text,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `model_checks_by_user` ON `model_checks` (`user_id`,`requested_at`);--> statement-breakpoint
CREATE TABLE `user_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`token_type` text NOT NULL,
	`name` text NOT NULL,
	`secret_hash` text NOT NULL,
	`visible_start` text NOT NULL,
	`visible_end` text NOT NULL,
	`scopes` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`last_used_at` integer,
	`revoked_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `user_tokens_secretHash_unique` ON `user_tokens` (`secret_hash`);--> statement-breakpoint
CREATE INDEX `user_tokens_by_user` ON `user_tokens` (`user_id`,`created_at`);--> statement-breakpoint
CREATE TABLE `user_identities` (
	`issuer` text NOT NULL,
	`subject` text NOT NULL,
	`user_id` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`issuer`, `subject`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
ALTER TABLE `provider_tokens` ADD `key_id` text DEFAULT '' NOT NULL;--> statement-breakpoint
UPDATE `provider_tokens` SET `key_id` = substr(`sealed`, 4, 8);--> statement-breakpoint
ALTER TABLE `provider_tokens` ADD `check` text;--> statement-breakpoint
ALTER TABLE `provider_tokens` ADD `checked_at` integer;--> statement-breakpoint
ALTER TABLE `provider_tokens` ADD `check_due_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `provider_tokens_by_key` ON `provider_tokens` (`key_id`);--> statement-breakpoint
CREATE INDEX `provider_tokens_by_check_due` ON `provider_tokens` (`check_due_at`);--> statement-breakpoint
ALTER TABLE `sessions` ADD `address` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `sessions` ADD `user_agent` text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE INDEX `sessions_by_user` ON `sessions` (`user_id`);--> statement-breakpoint
ALTER TABLE `sign_in_links` ADD `email` text;--> statement-breakpoint
ALTER TABLE `sign_in_links` ADD `browser_hash` text;--> statement-breakpoint
ALTER TABLE `sign_in_links` ADD `code_hash` text;--> statement-breakpoint
ALTER TABLE `sign_in_links` ADD `wrong_codes` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `sign_in_links` ADD `address` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `sign_in_links` ADD `user_agent` text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `sign_in_links_browserHash_unique` ON `sign_in_links` (`browser_hash`);--> statement-breakpoint
CREATE INDEX `sign_in_links_by_email` ON `sign_in_links` (`email`);--> statement-breakpoint
ALTER TABLE `users` ADD `email` text;--> statement-breakpoint
ALTER TABLE `users` ADD `signed_in_at` integer;--> statement-breakpoint
ALTER TABLE `users` ADD `disabled_at` integer;--> statement-breakpoint
CREATE UNIQUE INDEX `users_email_unique` ON `users` (`email`);--> statement-breakpoint
ALTER TABLE `workers` ADD `key_ids` text DEFAULT '' NOT NULL;