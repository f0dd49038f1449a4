/*
 * libnccl.so.2: non-blocking communicators of ranks that are threads of one process. Ranks that
 * call different things wait for each other until they abort, as with NCCL.
 */
#include "fake_cuda.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_RANKS = 8, SLOTS = 64, ID_BYTES = 128, MAX_GROUP = 16 };
enum { SUCCESS = 0, INVALID_ARGUMENT = 4, INVALID_USAGE = 5, REMOTE_ERROR = 6, IN_PROGRESS = 7 };
enum { ALL_REDUCE, BROADCAST, ALL_GATHER, REDUCE_SCATTER };

typedef struct {
  char bytes[ID_BYTES];
} Id;

typedef struct {
  size_t size;
  unsigned magic;
  unsigned version;
  int blocking;
} Config;

/* What all ranks of a communicator have to ask for. */
typedef struct {
  int kind;
  size_t count;
  int type;
  int op;
  int root;
} Signature;

/* A collective on its way; a slot is used again once all ranks have left it. */
typedef struct {
  Signature signature;
  const void *send[MAX_RANKS];
  int arrived;
  int computed;
  int left;
  int differs;
} Slot;

typedef struct Clique {
  Id id;
  int size;
  int joined;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  Slot slots[SLOTS];
  struct Clique *next;
} Clique;

typedef struct {
  Clique *clique;
  Id id;
  int size;
  int rank;
  atomic_int state;
  atomic_int aborted;
  long calls;
} Comm;

typedef struct {
  Comm *comm;
  Signature signature;
  const void *send;
  void *receive;
  long number;
  void *stream;
} Request;

typedef struct {
  int count;
  Request requests[MAX_GROUP];
} Group;

static pthread_mutex_t cliquesMutex = PTHREAD_MUTEX_INITIALIZER;
static Clique *cliques;
static long ids;
static atomic_long liveComms;
static atomic_long liveRegistrations;
static atomic_long slowInitMicros;
static atomic_long slowLaunchMicros;
static atomic_long refusedType = -1;
static atomic_long hangingRank = -1;
static atomic_long failingRank = -1;
static atomic_long aborts;
static _Thread_local int groupDepth;
static _Thread_local Group group;

EXPORT long fakeLiveComms(void) {
  return liveComms;
}

EXPORT long fakeLiveRegistrations(void) {
  return liveRegistrations;
}

EXPORT long fakeAborts(void) {
  return aborts;
}

EXPORT void fakeSlowInit(long micros) {
  slowInitMicros = micros;
}

EXPORT void fakeSlowLaunch(long micros) {
  slowLaunchMicros = micros;
}

EXPORT void fakeRefuseType(long type) {
  refusedType = type;
}

/* A rank whose collectives never end. */
EXPORT void fakeHang(long rank) {
  hangingRank = rank;
}

/* A rank that hears of a remote error in its next collective. */
EXPORT void fakeAsyncError(long rank) {
  failingRank = rank;
}

static int sizeOf(int type) {
  static const int sizes[] = {1, 1, 4, 4, 8, 8, 2, 4, 8, 2};
  return sizes[type];
}

typedef uint16_t bfloat16;

static float fromBfloat16(bfloat16 value) {
  uint32_t bits = (uint32_t)value << 16;
  float result;
  memcpy(&result, &bits, sizeof result);
  return result;
}

static bfloat16 toBfloat16(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return (bfloat16)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

#define SAME(x) (x)
#define COMBINE(op, a, b) \
  ((op) == 1 ? (a) * (b) : (op) == 2 ? ((a) > (b) ? (a) : (b)) \
   : (op) == 3 ? ((a) < (b) ? (a) : (b)) : (a) + (b))

/* Combines in rank order what lies at an offset of all ranks' memory; 4 is the average. */
#define DEFINE_REDUCE(NAME, TYPE, WIDE, LOAD, STORE)                                \
  static void NAME(void *out, const Slot *slot, int size, size_t offset) {          \
    TYPE *result = out;                                                             \
    for (size_t i = 0; i < slot->signature.count; i++) {                            \
      TYPE value = ((const TYPE *)slot->send[0])[offset + i];                       \
      for (int rank = 1; rank < size; rank++) {                                     \
        WIDE next = LOAD(((const TYPE *)slot->send[rank])[offset + i]);             \
        value = STORE(COMBINE(slot->signature.op, LOAD(value), next));              \
      }                                                                             \
      result[i] = slot->signature.op == 4 ? STORE(LOAD(value) / size) : value;      \
    }                                                                               \
  }

DEFINE_REDUCE(reduceInt8, int8_t, int8_t, SAME, SAME)
DEFINE_REDUCE(reduceUint8, uint8_t, uint8_t, SAME, SAME)
DEFINE_REDUCE(reduceInt32, int32_t, int32_t, SAME, SAME)
DEFINE_REDUCE(reduceInt64, int64_t, int64_t, SAME, SAME)
DEFINE_REDUCE(reduceFloat16, _Float16, float, SAME, SAME)
DEFINE_REDUCE(reduceFloat32, float, float, SAME, SAME)
DEFINE_REDUCE(reduceFloat64, double, double, SAME, SAME)
DEFINE_REDUCE(reduceBfloat16, bfloat16, float, fromBfloat16, toBfloat16)

static void reduce(void *out, const Slot *slot, int size, size_t offset) {
  switch (slot->signature.type) {
    case 0: reduceInt8(out, slot, size, offset); break;
    case 1: reduceUint8(out, slot, size, offset); break;
    case 2: reduceInt32(out, slot, size, offset); break;
    case 4: reduceInt64(out, slot, size, offset); break;
    case 6: reduceFloat16(out, slot, size, offset); break;
    case 7: reduceFloat32(out, slot, size, offset); break;
    case 8: reduceFloat64(out, slot, size, offset); break;
    case 9: reduceBfloat16(out, slot, size, offset); break;
    default: abort();
  }
}

static size_t resultBytes(const Comm *comm, const Signature *signature) {
  size_t bytes = signature->count * sizeOf(signature->type);
  return signature->kind == ALL_GATHER ? bytes * comm->size : bytes;
}

static void compute(const Comm *comm, const Slot *slot, char *out) {
  const Signature *signature = &slot->signature;
  size_t bytes = signature->count * sizeOf(signature->type);
  switch (signature->kind) {
    case ALL_REDUCE:
      reduce(out, slot, comm->size, 0);
      break;
    case REDUCE_SCATTER:
      reduce(out, slot, comm->size, signature->count * comm->rank);
      break;
    case BROADCAST:
      memcpy(out, slot->send[signature->root], bytes);
      break;
    default:
      for (int rank = 0; rank < comm->size; rank++) {
        memcpy(out + rank * bytes, slot->send[rank], bytes);
      }
  }
}

static int same(const Signature *a, const Signature *b) {
  return a->kind == b->kind && a->count == b->count && a->type == b->type && a->op == b->op
         && a->root == b->root;
}

/* Waits for a change among the ranks; returns 0 once this one has aborted. */
static int await(Comm *comm) {
  if (!comm->aborted) {
    pthread_cond_wait(&comm->clique->changed, &comm->clique->mutex);
  }
  return !comm->aborted;
}

static void arrive(const Request *request, Slot *slot) {
  if (slot->arrived == 0) {
    slot->signature = request->signature;
  } else if (!same(&slot->signature, &request->signature)) {
    slot->differs = 1;
  }
  slot->send[request->comm->rank] = request->send;
  slot->arrived++;
  pthread_cond_broadcast(&request->comm->clique->changed);
}

/* The collective, on the thread of a stream. */
static void runRequest(void *argument) {
  Request *request = argument;
  Comm *comm = request->comm;
  Clique *clique = comm->clique;
  Slot *slot = &clique->slots[request->number % SLOTS];
  char *result = malloc(resultBytes(comm, &request->signature));
  pthread_mutex_lock(&clique->mutex);
  arrive(request, slot);
  int alive = 1;
  while (alive
         && (slot->arrived < comm->size || slot->differs || hangingRank == comm->rank
             || failingRank == comm->rank)) {
    if (failingRank == comm->rank) {
      comm->state = REMOTE_ERROR;
    }
    alive = await(comm);
  }
  if (alive) {
    compute(comm, slot, result);
    slot->computed++;
    pthread_cond_broadcast(&clique->changed);
    while (alive && slot->computed < comm->size) {
      alive = await(comm);
    }
  }
  if (alive) {
    memcpy(request->receive, result, resultBytes(comm, &request->signature));
    if (++slot->left == comm->size) {
      memset(slot, 0, sizeof *slot);
    }
  }
  pthread_mutex_unlock(&clique->mutex);
  free(result);
  free(request);
}

static void *launch(void *argument) {
  Group *launched = argument;
  usleep(slowLaunchMicros);
  for (int i = 0; i < launched->count; i++) {
    Request *request = malloc(sizeof *request);
    *request = launched->requests[i];
    fakeStreamSubmit(request->stream, runRequest, request);
  }
  int expected = IN_PROGRESS;
  atomic_compare_exchange_strong(&launched->requests[0].comm->state, &expected, SUCCESS);
  free(launched);
  return NULL;
}

static void detach(void *(*run)(void *), void *argument) {
  pthread_t thread;
  pthread_create(&thread, NULL, run, argument);
  pthread_detach(thread);
}

EXPORT int ncclGroupStart(void) {
  groupDepth++;
  return SUCCESS;
}

EXPORT int ncclGroupEnd(void) {
  if (--groupDepth > 0 || group.count == 0) {
    return SUCCESS;
  }
  Group *launched = malloc(sizeof *launched);
  *launched = group;
  group.count = 0;
  launched->requests[0].comm->state = IN_PROGRESS;
  detach(launch, launched);
  return IN_PROGRESS;
}

static int enqueue(
    Comm *comm, Signature signature, const void *send, void *receive, void *stream) {
  if (comm->state != SUCCESS) {
    return INVALID_USAGE;
  }
  if (signature.type == refusedType || group.count == MAX_GROUP) {
    return INVALID_ARGUMENT;
  }
  ncclGroupStart();
  group.requests[group.count++] =
      (Request){comm, signature, send, receive, comm->calls++, stream};
  return ncclGroupEnd();
}

EXPORT int ncclAllReduce(
    const void *send, void *receive, size_t count, int type, int op, Comm *comm, void *stream) {
  return enqueue(comm, (Signature){ALL_REDUCE, count, type, op, 0}, send, receive, stream);
}

EXPORT int ncclBroadcast(
    const void *send, void *receive, size_t count, int type, int root, Comm *comm, void *stream) {
  return enqueue(comm, (Signature){BROADCAST, count, type, 0, root}, send, receive, stream);
}

EXPORT int ncclAllGather(
    const void *send, void *receive, size_t count, int type, Comm *comm, void *stream) {
  return enqueue(comm, (Signature){ALL_GATHER, count, type, 0, 0}, send, receive, stream);
}

EXPORT int ncclReduceScatter(
    const void *send, void *receive, size_t count, int type, int op, Comm *comm, void *stream) {
  return enqueue(comm, (Signature){REDUCE_SCATTER, count, type, op, 0}, send, receive, stream);
}

EXPORT int ncclGetVersion(int *version) {
  *version = 22105;
  return SUCCESS;
}

EXPORT const char *ncclGetErrorString(int result) {
  switch (result) {
    case INVALID_ARGUMENT: return "invalid argument";
    case INVALID_USAGE: return "invalid usage";
    case REMOTE_ERROR: return "remote process exited or there was a network error";
    default: return "fake error";
  }
}

EXPORT int ncclGetUniqueId(Id *id) {
  memset(id, 0, sizeof *id);
  pthread_mutex_lock(&cliquesMutex);
  ids++;
  memcpy(id->bytes, &ids, sizeof ids);
  pthread_mutex_unlock(&cliquesMutex);
  return SUCCESS;
}

/* Cliques stay: a stream that is being destroyed may still look at its own. */
static Clique *cliqueOf(const Comm *comm) {
  pthread_mutex_lock(&cliquesMutex);
  Clique *clique = cliques;
  while (clique != NULL && memcmp(&clique->id, &comm->id, sizeof comm->id) != 0) {
    clique = clique->next;
  }
  if (clique == NULL) {
    clique = calloc(1, sizeof *clique);
    clique->id = comm->id;
    clique->size = comm->size;
    pthread_mutex_init(&clique->mutex, NULL);
    pthread_cond_init(&clique->changed, NULL);
    clique->next = cliques;
    cliques = clique;
  }
  pthread_mutex_unlock(&cliquesMutex);
  return clique;
}

static void *join(void *argument) {
  Comm *comm = argument;
  usleep(slowInitMicros);
  Clique *clique = comm->clique;
  pthread_mutex_lock(&clique->mutex);
  clique->joined++;
  pthread_cond_broadcast(&clique->changed);
  int alive = 1;
  while (alive && clique->joined < clique->size) {
    alive = await(comm);
  }
  pthread_mutex_unlock(&clique->mutex);
  if (alive) {
    comm->state = SUCCESS;
  }
  return NULL;
}

EXPORT int ncclCommInitRankConfig(Comm **result, int size, Id id, int rank, Config *config) {
  if (config->magic != 0xcafebeef || config->size < 48 || config->blocking != 0
      || size > MAX_RANKS || rank >= size) {
    return INVALID_ARGUMENT;
  }
  Comm *comm = calloc(1, sizeof *comm);
  comm->id = id;
  comm->size = size;
  comm->rank = rank;
  comm->state = IN_PROGRESS;
  comm->clique = cliqueOf(comm);
  liveComms++;
  *result = comm;
  detach(join, comm);
  return IN_PROGRESS;
}

EXPORT int ncclCommGetAsyncError(Comm *comm, int *state) {
  *state = comm->state;
  return SUCCESS;
}

EXPORT int ncclCommAbort(Comm *comm) {
  pthread_mutex_lock(&comm->clique->mutex);
  comm->aborted = 1;
  pthread_cond_broadcast(&comm->clique->changed);
  pthread_mutex_unlock(&comm->clique->mutex);
  aborts++;
  liveComms--;
  return SUCCESS;
}

static void *finalize(void *argument) {
  Comm *comm = argument;
  usleep(1000);
  comm->state = SUCCESS;
  return NULL;
}

EXPORT int ncclCommFinalize(Comm *comm) {
  if (comm->state != SUCCESS) {
    return INVALID_USAGE;
  }
  comm->state = IN_PROGRESS;
  detach(finalize, comm);
  return IN_PROGRESS;
}

EXPORT int ncclCommDestroy(Comm *comm) {
  if (comm->state != SUCCESS) {
    return INVALID_USAGE;
  }
  liveComms--;
  return SUCCESS;
}

EXPORT int ncclCommRegister(Comm *comm, void *memory, size_t bytes, void **handle) {
  if (comm->state != SUCCESS || bytes == 0) {
    return INVALID_USAGE;
  }
  liveRegistrations++;
  *handle = memory;
  return SUCCESS;
}

EXPORT int ncclCommDeregister(Comm *comm, void *handle) {
  (void)comm;
  (void)handle;
  liveRegistrations--;
  return SUCCESS;
}
