/* libcudart.so.12: streams and events. */
#include "fake_cuda.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { SUCCESS = 0, NOT_READY = 600 };

typedef struct Task {
  void (*run)(void *);
  void *argument;
  struct Task *next;
} Task;

typedef struct Stream {
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  Task *first;
  Task *last;
  int closed;
} Stream;

/* Complete if as many recordings have been reached as were made. */
typedef struct Event {
  long recorded;
  long reached;
} Event;

/* A recording of an event, or a wait for it. */
typedef struct Mark {
  Event *event;
  long number;
  struct Mark *next;
} Mark;

static pthread_mutex_t eventMutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t eventReached = PTHREAD_COND_INITIALIZER;
static Mark *heldMarks;
static int defaultHeld;
static atomic_long liveStreams;
static atomic_long liveEvents;

EXPORT long fakeLiveStreams(void) {
  return liveStreams;
}

EXPORT long fakeLiveEvents(void) {
  return liveEvents;
}

static void reach(void *argument) {
  Mark *mark = argument;
  pthread_mutex_lock(&eventMutex);
  if (mark->event->reached < mark->number) {
    mark->event->reached = mark->number;
  }
  pthread_cond_broadcast(&eventReached);
  pthread_mutex_unlock(&eventMutex);
  free(mark);
}

static void await(void *argument) {
  Mark *mark = argument;
  pthread_mutex_lock(&eventMutex);
  while (mark->event->reached < mark->number) {
    pthread_cond_wait(&eventReached, &eventMutex);
  }
  pthread_mutex_unlock(&eventMutex);
  free(mark);
}

/* As if the default stream had work to do until it is released. */
EXPORT void fakeHoldDefaultStream(int hold) {
  pthread_mutex_lock(&eventMutex);
  defaultHeld = hold;
  Mark *marks = hold ? NULL : heldMarks;
  heldMarks = hold ? heldMarks : NULL;
  pthread_mutex_unlock(&eventMutex);
  while (marks != NULL) {
    Mark *next = marks->next;
    reach(marks);
    marks = next;
  }
}

static void *work(void *argument) {
  Stream *stream = argument;
  pthread_mutex_lock(&stream->mutex);
  for (;;) {
    while (stream->first == NULL && !stream->closed) {
      pthread_cond_wait(&stream->changed, &stream->mutex);
    }
    Task *task = stream->first;
    if (task == NULL) {
      break;
    }
    stream->first = task->next;
    pthread_mutex_unlock(&stream->mutex);
    task->run(task->argument);
    free(task);
    pthread_mutex_lock(&stream->mutex);
  }
  pthread_mutex_unlock(&stream->mutex);
  return NULL;
}

EXPORT void fakeStreamSubmit(void *handle, void (*run)(void *), void *argument) {
  Stream *stream = handle;
  Task *task = calloc(1, sizeof *task);
  task->run = run;
  task->argument = argument;
  pthread_mutex_lock(&stream->mutex);
  if (stream->first == NULL) {
    stream->first = task;
  } else {
    stream->last->next = task;
  }
  stream->last = task;
  pthread_cond_signal(&stream->changed);
  pthread_mutex_unlock(&stream->mutex);
}

EXPORT int cudaSetDevice(int device) {
  (void)device;
  return SUCCESS;
}

EXPORT int cudaGetLastError(void) {
  return SUCCESS;
}

EXPORT const char *cudaGetErrorString(int error) {
  return error == NOT_READY ? "device not ready" : "fake error";
}

EXPORT int cudaStreamCreateWithFlags(void **handle, unsigned flags) {
  (void)flags;
  Stream *stream = calloc(1, sizeof *stream);
  pthread_mutex_init(&stream->mutex, NULL);
  pthread_cond_init(&stream->changed, NULL);
  pthread_create(&stream->thread, NULL, work, stream);
  liveStreams++;
  *handle = stream;
  return SUCCESS;
}

EXPORT int cudaStreamDestroy(void *handle) {
  Stream *stream = handle;
  pthread_mutex_lock(&stream->mutex);
  stream->closed = 1;
  pthread_cond_signal(&stream->changed);
  pthread_mutex_unlock(&stream->mutex);
  pthread_join(stream->thread, NULL);
  free(stream);
  liveStreams--;
  return SUCCESS;
}

EXPORT int cudaEventCreateWithFlags(void **handle, unsigned flags) {
  (void)flags;
  *handle = calloc(1, sizeof(Event));
  liveEvents++;
  return SUCCESS;
}

EXPORT int cudaEventDestroy(void *handle) {
  free(handle);
  liveEvents--;
  return SUCCESS;
}

static Mark *mark(Event *event, long number) {
  Mark *mark = calloc(1, sizeof *mark);
  mark->event = event;
  mark->number = number;
  return mark;
}

EXPORT int cudaEventRecord(void *handle, void *stream) {
  Event *event = handle;
  pthread_mutex_lock(&eventMutex);
  Mark *recording = mark(event, ++event->recorded);
  int held = stream == NULL && defaultHeld;
  if (held) {
    recording->next = heldMarks;
    heldMarks = recording;
  }
  pthread_mutex_unlock(&eventMutex);
  if (stream != NULL) {
    fakeStreamSubmit(stream, reach, recording);
  } else if (!held) {
    reach(recording);
  }
  return SUCCESS;
}

EXPORT int cudaEventQuery(void *handle) {
  Event *event = handle;
  pthread_mutex_lock(&eventMutex);
  int result = event->reached < event->recorded ? NOT_READY : SUCCESS;
  pthread_mutex_unlock(&eventMutex);
  return result;
}

EXPORT int cudaStreamWaitEvent(void *stream, void *handle, unsigned flags) {
  (void)flags;
  Event *event = handle;
  pthread_mutex_lock(&eventMutex);
  Mark *awaited = mark(event, event->recorded);
  pthread_mutex_unlock(&eventMutex);
  if (stream == NULL) {
    await(awaited);
  } else {
    fakeStreamSubmit(stream, await, awaited);
  }
  return SUCCESS;
}
