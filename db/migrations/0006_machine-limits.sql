CREATE TABLE `disk_usage` (
	`user_id` text PRIMARY KEY NOT NULL,
	`workspaces` integer DEFAULT 0 NOT NULL,
	`models` integer DEFAULT 0 NOT NULL,
	`saves` integer DEFAULT 0 NOT NULL,
	`measured_at` integer,
	`due_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
ALTER TABLE `machines` ADD `idle_warned_at` integer;--> statement-breakpoint
ALTER TABLE `machines` ADD `queued_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `machines` ADD `deleted_at` integer;