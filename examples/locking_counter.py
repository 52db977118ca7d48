import threading

class LockingCounter(object):
    def __init__(self):
        self.lock = threading.Lock()
        self.count = 0

    def increment(self):
        with self.lock:
            self.count += 1


def worker(uuid, number_runs, counter):  # uuid required for threading.Thread
    for _ in range(number_runs):
        counter.increment()


def run_safe_threads(func, number_runs, counter):
    threads = []
    for i in range(5):
        args = (i, number_runs, counter)
        thread = threading.Thread(target=func, args=args)
        threads.append(thread)
        thread.start()
    for thread in threads:
        thread.join()


number_runs = 100000
counter = LockingCounter()
run_safe_threads(worker, number_runs, counter)

print('Expected:', 500000, 'Actual:', counter.count)
