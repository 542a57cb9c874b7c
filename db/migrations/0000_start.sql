CREATE TABLE `installation` (
	`one` integer PRIMARY KEY DEFAULT 1 NOT NULL,
	`id` text NOT NULL,
	`canary` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `launch_attempts` (
	`machine_id` text NOT NULL,
	`attempt` integer NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer,
	`error_class` text,
	`error_message` text,
	`error_detail` text,
	PRIMARY KEY(`machine_id`, `attempt`),
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `machine_access` (
	`secret_hash` text PRIMARY KEY NOT NULL,
	`machine_id` text NOT NULL,
	`service` text NOT NULL,
	`session_id` text NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`session_id`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `machine_events` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`machine_id` text NOT NULL,
	`at` integer NOT NULL,
	`text` text NOT NULL,
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `machine_events_by_machine` ON `machine_events` (`machine_id`,`id`);--> statement-breakpoint
CREATE TABLE `machine_services` (
	`machine_id` text NOT NULL,
	`name` text NOT NULL,
	`address` text NOT NULL,
	PRIMARY KEY(`machine_id`, `name`),
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `machine_tokens` (
	`machine_id` text NOT NULL,
	`provider` text NOT NULL,
	`visible` text NOT NULL,
	`fingerprint` text NOT NULL,
	`taken_at` integer NOT NULL,
	PRIMARY KEY(`machine_id`, `provider`),
	FOREIGN KEY (`machine_id`) REFERENCES `machines`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `machines` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`idempotency_key` text,
	`workspace_id` text NOT NULL,
	`replaced_by` text,
	`status` text NOT NULL,
	`attempt` integer NOT NULL,
	`tries` integer NOT NULL,
	`fence` integer NOT NULL,
	`lease_until` integer NOT NULL,
	`not_before` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `machines_by_user` ON `machines` (`user_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `machines_by_workspace` ON `machines` (`workspace_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `machines_by_idempotency_key` ON `machines` (`user_id`,`idempotency_key`);--> statement-breakpoint
CREATE INDEX `machines_by_status` ON `machines` (`status`,`updated_at`);--> statement-breakpoint
CREATE TABLE `provider_tokens` (
	`user_id` text NOT NULL,
	`provider` text NOT NULL,
	`sealed` text NOT NULL,
	`visible` text NOT NULL,
	`fingerprint` text NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`user_id`, `provider`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`secret_hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sessions_secretHash_unique` ON `sessions` (`secret_hash`);--> statement-breakpoint
CREATE TABLE `sign_in_links` (
	`id` text PRIMARY KEY NOT NULL,
	`secret_hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sign_in_links_secretHash_unique` ON `sign_in_links` (`secret_hash`);--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`role` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `workers` (
	`id` text PRIMARY KEY NOT NULL,
	`started_at` integer NOT NULL,
	`beat_at` integer NOT NULL
);
