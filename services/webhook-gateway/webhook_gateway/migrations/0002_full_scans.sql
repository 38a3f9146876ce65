-- A full scan is asked of the services by the connection (shared.connections.onboard_requested).
alter table sweeps drop column full_scan_wanted;
