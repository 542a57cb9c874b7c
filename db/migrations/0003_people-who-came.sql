UPDATE `users` SET `signed_in_at` = `created_at` WHERE `signed_in_at` IS NULL AND `email` IS NULL;
