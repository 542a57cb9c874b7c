CREATE TABLE `user_limits` (
	`user_id` text PRIMARY KEY NOT NULL,
	`machines` integer,
	`session_ms` integer,
	`disk_bytes` integer,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
DROP INDEX `machines_by_status`;--> statement-breakpoint
DROP INDEX `machines_by_user`;--> statement-breakpoint
ALTER TABLE `machines` ADD `error_class` text;--> statement-breakpoint
UPDATE `machines` SET `error_class` = coalesce((
	SELECT `error_class` FROM `launch_attempts`
	WHERE `launch_attempts`.`machine_id` = `machines`.`id` AND `launch_attempts`.`attempt` = `machines`.`attempt`
), 'internal') WHERE `status` = 'failed';--> statement-breakpoint
CREATE INDEX `machines_failed` ON `machines` (`updated_at`,`id`,`error_class`,`user_id`,`name`,`replaced_by`,`deleted_at`) WHERE "machines"."error_class" is not null;--> statement-breakpoint
CREATE INDEX `machines_failed_by_class` ON `machines` (`error_class`,`user_id`,`name`,`replaced_by`,`deleted_at`) WHERE "machines"."error_class" is not null;--> statement-breakpoint
CREATE INDEX `machines_deleted` ON `machines` (`deleted_at`) WHERE "machines"."deleted_at" is not null;--> statement-breakpoint
CREATE INDEX `machines_by_user_and_change` ON `machines` (`user_id`,`updated_at`);--> statement-breakpoint
CREATE INDEX `machines_by_creation` ON `machines` (`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `machines_by_status_and_creation` ON `machines` (`status`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `machines_by_kind` ON `machines` (`kind`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `machines_by_size` ON `machines` (`size`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `machines_by_name` ON `machines` ("name" collate nocase,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `machines_by_user` ON `machines` (`user_id`,`created_at`,`id`);--> statement-breakpoint
ALTER TABLE `launch_attempts` ADD `request_id` text;--> statement-breakpoint
CREATE INDEX `audit_entries_by_time` ON `audit_entries` (`at`);