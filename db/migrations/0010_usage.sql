CREATE TABLE `downloads` (
	`id` text NOT NULL,
	`user_id` text NOT NULL,
	`machine_id` text NOT NULL,
	`at` integer NOT NULL,
	`bytes` integer NOT NULL,
	`host` text NOT NULL,
	`name` text NOT NULL,
	PRIMARY KEY(`user_id`, `id`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `downloads_by_time` ON `downloads` (`at`,`user_id`,`bytes`);--> statement-breakpoint
CREATE INDEX `downloads_by_user_and_time` ON `downloads` (`user_id`,`at`,`machine_id`,`bytes`);--> statement-breakpoint
CREATE TABLE `machine_runs` (
	`machine_id` text NOT NULL,
	`attempt` integer NOT NULL,
	`user_id` text NOT NULL,
	`machine_name` text NOT NULL,
	`kind` text NOT NULL,
	`size` text NOT NULL,
	`gpus` integer NOT NULL,
	`requested_at` integer NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer,
	PRIMARY KEY(`machine_id`, `attempt`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `machine_runs_by_end` ON `machine_runs` (`ended_at`);--> statement-breakpoint
CREATE INDEX `machine_runs_by_user_and_end` ON `machine_runs` (`user_id`,`ended_at`);--> statement-breakpoint
CREATE INDEX `launch_attempts_failed` ON `launch_attempts` (`ended_at`,`machine_id`,`attempt`) WHERE "launch_attempts"."error_class" is not null;--> statement-breakpoint
-- What the timelines tell of runs so far: how long, not on how many GPUs. An attempt that lasts has the time at which it came to run as its end.
INSERT OR IGNORE INTO `machine_runs`
SELECT a.machine_id, a.attempt, m.user_id, m.name, m.kind, m.size, 0, a.started_at, e.at,
	CASE
		WHEN a.attempt = m.attempt AND m.status = 'running' THEN NULL
		WHEN a.attempt = m.attempt AND m.status = 'stopping' THEN max(m.updated_at, e.at)
		ELSE max(coalesce(a.ended_at, m.updated_at), e.at)
	END
FROM machine_events e
JOIN machines m ON m.id = e.machine_id
JOIN launch_attempts a ON a.machine_id = m.id AND a.attempt = 1 + (
	SELECT count(*) FROM machine_events q
	WHERE q.machine_id = m.id AND q.id < e.id AND q.text LIKE 'Queued again by an administrator (attempt %'
)
WHERE e.text = 'Running';
