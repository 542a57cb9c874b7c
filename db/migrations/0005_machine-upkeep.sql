CREATE TABLE `cloud_saves` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`machine_id` text NOT NULL,
	`machine_name` text NOT NULL,
	`workspace_id` text NOT NULL,
	`status` text NOT NULL,
	`bytes` integer,
	`sha256` text,
	`bytes_done` integer DEFAULT 0 NOT NULL,
	`bytes_total` integer DEFAULT 0 NOT NULL,
	`notes` text,
	`error_class` text,
	`error_message` text,
	`error_detail` text,
	`tries` integer DEFAULT 0 NOT NULL,
	`fence` integer DEFAULT 0 NOT NULL,
	`lease_until` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	`ended_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `cloud_saves_by_user` ON `cloud_saves` (`user_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `cloud_saves_by_status` ON `cloud_saves` (`status`);--> statement-breakpoint
ALTER TABLE `machines` ADD `size` text DEFAULT 'standard' NOT NULL;--> statement-breakpoint
ALTER TABLE `machines` ADD `save_id` text;--> statement-breakpoint
ALTER TABLE `machines` ADD `ends_at` integer;--> statement-breakpoint
ALTER TABLE `machines` ADD `active_at` integer;--> statement-breakpoint
ALTER TABLE `machines` ADD `warned_at` integer;--> statement-breakpoint
ALTER TABLE `workers` ADD `host` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `workers` ADD `pid` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `workers` ADD `takes_jobs_at` integer DEFAULT 0 NOT NULL;