"""What must hold of a deployment, whatever its parameters: each rule yields a sentence for each place where it does not."""

import alarms
import api
import credentials
import functions
import logs
import network
import permissions
import queues
import resources
import variables

RULES = [
    resources.what_is_listed_is_made_and_nothing_else,
    resources.no_property_is_overlooked,
    resources.everything_goes_with_the_stack,
    resources.everything_is_tagged,
    permissions.roles_may_do_what_is_called_and_no_more,
    api.every_route_but_health_has_an_authoriser,
    api.nobody_can_choose_that_nobody_is_asked,
    api.authorisers_prove_what_the_router_trusts,
    api.the_router_answers_every_request,
    api.functions_are_called_by_whom_they_are_there_for,
    api.the_stage_is_throttled_and_logged,
    queues.visibility_is_at_least_the_time_out,
    queues.each_mapping_reads_its_queue_a_message_at_a_time,
    queues.queues_are_fifo_and_dead_letters_have_a_reader,
    queues.queues_are_encrypted,
    logs.logs_are_kept_for_a_time_and_encrypted,
    logs.functions_log_everything_as_json,
    variables.variables_have_the_values_of_the_parameters,
    variables.the_password_stands_in_one_variable,
    credentials.credentials_are_made_for_the_database_that_is_named,
    credentials.the_schedule_rotates_the_secret_that_is_read,
    network.only_the_functions_come_in,
    network.the_functions_go_out_to_the_database_and_aws_alone,
    network.endpoints_are_for_the_functions_alone,
    network.functions_are_in_the_vpc_that_was_given,
    functions.functions_are_what_they_are_packaged_for,
    functions.the_alias_is_called_with_snapshots_alone,
    functions.a_release_is_a_new_version,
    alarms.alarms_watch_what_they_are_for,
    alarms.alarms_tell_the_topic,
    alarms.the_dashboard_shows_all_parts,
]
