"""Which faults there are, by the ids of docs/reliability.md."""

# Nothing of the product is imported here: the command line names faults before any settings are read.
FAULTS = {
    "F1": ("web_worker", "a web worker is killed after a POST, the client asks again with its key"),
    "F3": ("celery_child", "a Celery child is killed in the middle of taking mail in and of sending it"),
    "F8": ("same_mail", "the same mail twice, another under the same Message-ID, the same to two boxes"),
    # The last one: the workers take a while to find their broker again.
    "F4": ("redis_away", "Redis is killed while mail comes in and agents answer"),
}
ROUNDS = 5
CHOSEN_NAME = "PHAROS_FAULTS"
ROUNDS_NAME = "PHAROS_FAULT_ROUNDS"
SEED_NAME = "PHAROS_FAULT_SEED"
FOLDER_NAME = "PHAROS_FAULTS_DIR"
