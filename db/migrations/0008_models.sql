CREATE TABLE `model_request_inputs` (
	`request_id` text PRIMARY KEY NOT NULL,
	`inputs` text NOT NULL,
	FOREIGN KEY (`request_id`) REFERENCES `model_requests`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `model_requests` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`model_id` text NOT NULL,
	`version` integer NOT NULL,
	`idempotency_key` text,
	`call_hash` text NOT NULL,
	`status` text NOT NULL,
	`machine_id` text,
	`machine_attempt` integer,
	`stage` text,
	`progress` real,
	`progress_text` text,
	`prompt_id` text,
	`submitted_at` integer,
	`accepted_at` integer,
	`unsettled` integer DEFAULT false NOT NULL,
	`texts` text,
	`error_class` text,
	`error_message` text,
	`error_detail` text,
	`tries` integer DEFAULT 0 NOT NULL,
	`fence` integer DEFAULT 0 NOT NULL,
	`lease_until` integer DEFAULT 0 NOT NULL,
	`not_before` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	`started_at` integer,
	`ended_at` integer,
	`expired_at` integer,
	`revision` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`model_id`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `model_requests_by_user` ON `model_requests` (`user_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `model_requests_by_user_and_model` ON `model_requests` (`user_id`,`model_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `model_requests_by_user_and_end` ON `model_requests` (`user_id`,`ended_at`,`created_at`);--> statement-breakpoint
CREATE INDEX `model_requests_by_model` ON `model_requests` (`model_id`,`ended_at`);--> statement-breakpoint
CREATE INDEX `model_requests_by_status` ON `model_requests` (`status`,`lease_until`);--> statement-breakpoint
CREATE INDEX `model_requests_by_machine` ON `model_requests` (`machine_id`,`status`);--> statement-breakpoint
CREATE UNIQUE INDEX `model_requests_by_idempotency_key` ON `model_requests` (`user_id`,`idempotency_key`);--> statement-breakpoint
CREATE UNIQUE INDEX `model_requests_by_revision` ON `model_requests` (`revision`);--> statement-breakpoint
CREATE INDEX `model_requests_by_end` ON `model_requests` (`ended_at`);--> statement-breakpoint
CREATE INDEX `model_requests_to_expire` ON `model_requests` (`ended_at`) WHERE "model_requests"."expired_at" is null;--> statement-breakpoint
CREATE INDEX `model_requests_kept` ON `model_requests` (`user_id`) WHERE "model_requests"."expired_at" is null;--> statement-breakpoint
CREATE INDEX `model_requests_unsettled` ON `model_requests` (`lease_until`) WHERE "model_requests"."unsettled" = 1;--> statement-breakpoint
CREATE TABLE `model_versions` (
	`model_id` text NOT NULL,
	`version` integer NOT NULL,
	`workflow` text NOT NULL,
	`definition` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`model_id`, `version`),
	FOREIGN KEY (`model_id`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `models` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`visibility` text NOT NULL,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`withdrawn_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `models_by_user` ON `models` (`user_id`);--> statement-breakpoint
CREATE TABLE `result_files` (
	`request_id` text NOT NULL,
	`position` integer NOT NULL,
	`output` text NOT NULL,
	`name` text NOT NULL,
	`media_type` text NOT NULL,
	`bytes` integer NOT NULL,
	PRIMARY KEY(`request_id`, `position`),
	FOREIGN KEY (`request_id`) REFERENCES `model_requests`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
ALTER TABLE `disk_usage` ADD `results` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `machines` ADD `for_requests` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `machines` ADD `session_ms` integer;--> statement-breakpoint
ALTER TABLE `users` ADD `username` text;--> statement-breakpoint
CREATE UNIQUE INDEX `users_username_unique` ON `users` (`username`);