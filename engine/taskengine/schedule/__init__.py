"""When tasks fire: cron expressions, time zones, the timetable and the scheduler."""
