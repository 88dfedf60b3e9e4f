// An S3 for benchmarks, on loopback: takes what any client sends and throws it away as cheaply as Linux
// can, so that the client is measured. One thread, epoll; a body over plain HTTP never reaches user space
// (recv with MSG_TRUNC, tcp(7)). It checks no signature and no checksum.
//   sink [-p port] [-t certificate.pem key.pem]      prints the port that it listens on
#define _GNU_SOURCE
#include "sink.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_FDS = 65536, BUFFER = 32 * 1024, LINE = 512, DRAIN = 4 << 20 };
enum State { HEAD, BODY, WAITING };
// Where in a body with Transfer-Encoding: chunked; a WHOLE one has its length.
enum Chunk { WHOLE, SIZE, BYTES, END, TRAILER };

typedef struct {
  int fd;
  SSL *ssl;
  enum State state;
  enum Chunk chunk;
  char in[BUFFER];
  int start, end; // what was read and not yet looked at
  uint64_t left;  // bytes of the body, or of its chunk, that are still to come
  bool isSplit, closes, isCounted, wantsWrite;
  Request request;
  char head[BUFFER + 1];
  Text reply; // until its time has come
  Text out;
  size_t sent;
} Connection;

typedef struct {
  uint64_t atNs;
  int fd;
  unsigned generation;
  bool isContinue;
} Timer;

Figures figures;
uint64_t latencyNs;
static Connection *connections[MOST_FDS];
static unsigned generations[MOST_FDS]; // a number is given to another connection after this one
static Timer *timers;
static size_t timersStart, timersEnd, timersCapacity;
static int epoll;
static SSL_CTX *tls;

static uint64_t nowNs(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + now.tv_nsec;
}

static void drop(Connection *it) {
  if (it->isCounted) figures.inFlight--;
  SSL_free(it->ssl);
  close(it->fd);
  connections[it->fd] = NULL;
  generations[it->fd]++;
  free(it->out.data);
  free(it->reply.data);
  free(it);
}

static void listen_to(Connection *it, bool wantsWrite) {
  if (it->wantsWrite == wantsWrite) return;
  it->wantsWrite = wantsWrite;
  struct epoll_event event = {.events = EPOLLIN | (wantsWrite ? EPOLLOUT : 0), .data.fd = it->fd};
  epoll_ctl(epoll, EPOLL_CTL_MOD, it->fd, &event);
}

// Each of these says whether the connection is still there.
static bool consume(Connection *it);

static bool isRetried(Connection *it, ssize_t result) {
  if (!it->ssl) return errno == EAGAIN;
  int error = SSL_get_error(it->ssl, result);
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

static bool flush(Connection *it) {
  while (it->sent < it->out.length) {
    const char *data = it->out.data + it->sent;
    size_t length = it->out.length - it->sent;
    ssize_t n = it->ssl ? SSL_write(it->ssl, data, length) : send(it->fd, data, length, MSG_NOSIGNAL);
    if (n <= 0) {
      if (!isRetried(it, n)) return drop(it), false;
      return listen_to(it, true), true;
    }
    it->sent += n;
  }
  it->out.length = it->sent = 0;
  if (it->closes && it->state == HEAD) return drop(it), false;
  return listen_to(it, false), true;
}

static void later(Connection *it, bool isContinue) {
  if (timersEnd - timersStart == timersCapacity) {
    size_t count = timersEnd - timersStart;
    Timer *more = malloc((timersCapacity * 2 + 1024) * sizeof *more);
    for (size_t i = 0; i < count; i++) more[i] = timers[(timersStart + i) % timersCapacity];
    free(timers);
    timers = more;
    timersCapacity = timersCapacity * 2 + 1024;
    timersStart = 0;
    timersEnd = count;
  }
  timers[timersEnd++ % timersCapacity] =
      (Timer){nowNs() + latencyNs, it->fd, generations[it->fd], isContinue};
}

static bool release(Connection *it) {
  append(&it->out, it->reply.data, it->reply.length);
  it->reply.length = 0;
  it->state = HEAD;
  if (it->isCounted) figures.inFlight--;
  it->isCounted = false;
  return flush(it) && consume(it);
}

static bool finish(Connection *it) {
  static Reply reply;
  reply.status = 200;
  reply.headers.length = reply.body.length = reply.tellsBytes = 0;
  Request *request = &it->request;
  const char *decoded = header(request, "x-amz-decoded-content-length");
  if (decoded) request->bodyBytes = strtoull(decoded, NULL, 10);
  bool isControl = strncmp(request->path, "/__", 3) == 0;
  (isControl ? control : answer)(request, &reply);
  bool isHead = strcmp(request->method, "HEAD") == 0;
  uint64_t length = isHead ? reply.tellsBytes : reply.body.length;
  appendf(&it->reply, "HTTP/1.1 %d %s\r\nx-amz-request-id: 4442587FB7D0A2F9\r\n", reply.status,
          reply.status < 300 ? "OK" : "Error");
  if (reply.status != 204) appendf(&it->reply, "Content-Length: %lu\r\n", length);
  if (reply.body.length) appendf(&it->reply, "Content-Type: application/xml\r\n");
  if (reply.headers.length) append(&it->reply, reply.headers.data, reply.headers.length);
  append(&it->reply, "\r\n", 2);
  if (!isHead) append(&it->reply, reply.body.data ? reply.body.data : "", reply.body.length);
  it->state = WAITING;
  if (isControl || !latencyNs) return release(it);
  return later(it, false), true;
}

static bool begin(Connection *it, const char *head, int length) {
  Request *request = &it->request;
  memcpy(it->head, head, length);
  it->head[length] = 0;
  request->head = it->head;
  request->query[0] = 0;
  if (sscanf(it->head, "%11s %2047[^? ]?%4095[^ ]", request->method, request->path, request->query) < 2)
    return drop(it), false;
  const char *value = header(request, "transfer-encoding");
  it->isSplit = value && strcasestr(value, "chunked");
  it->chunk = it->isSplit ? SIZE : WHOLE;
  value = header(request, "content-length");
  it->left = value && !it->isSplit ? strtoull(value, NULL, 10) : 0;
  request->bodyBytes = 0;
  value = header(request, "connection");
  it->closes = value && strcasecmp(value, "close") == 0;
  it->state = BODY;
  if (strncmp(request->path, "/__", 3) != 0) {
    it->isCounted = true;
    figures.requests++;
    if (++figures.inFlight > figures.mostInFlight) figures.mostInFlight = figures.inFlight;
  }
  if (!header(request, "expect")) return true;
  if (latencyNs) return later(it, true), true; // It is a round trip, too.
  append(&it->out, "HTTP/1.1 100 Continue\r\n\r\n", 25);
  return flush(it);
}

static void took(Connection *it, uint64_t bytes) {
  it->left -= bytes;
  it->request.bodyBytes += bytes;
  figures.bodyBytes += bytes;
}

// Makes what has not been looked at the beginning of the buffer, so that more fits behind it.
static bool more(Connection *it) {
  memmove(it->in, it->in + it->start, it->end - it->start);
  it->end -= it->start;
  it->start = 0;
  if (it->end == BUFFER) return drop(it), false;
  return true;
}

static bool consume(Connection *it) {
  while (it->state != WAITING) {
    char *at = it->in + it->start;
    int available = it->end - it->start;
    if (it->state == HEAD) {
      char *end = memmem(at, available, "\r\n\r\n", 4);
      if (!end) return more(it);
      it->start += end + 4 - at;
      if (!begin(it, at, end + 4 - at)) return false;
    } else if (it->chunk == WHOLE || it->chunk == BYTES) {
      uint64_t taken = (uint64_t)available < it->left ? (uint64_t)available : it->left;
      it->start += taken;
      took(it, taken);
      if (it->left) return more(it);
      if (it->chunk == WHOLE) return finish(it);
      it->chunk = END;
    } else {
      char *newline = memchr(at, '\n', available);
      if (!newline) return more(it);
      it->start += newline + 1 - at;
      if (it->chunk == END) it->chunk = SIZE;
      else if (it->chunk == SIZE) {
        it->left = strtoull(at, NULL, 16);
        it->chunk = it->left ? BYTES : TRAILER;
      } else if (newline - at <= 1) return finish(it);
    }
  }
  return true;
}

static void readFrom(Connection *it) {
  static char thrown[64 * 1024];
  // TLS is read to its end: what it has read ahead wakes nobody.
  for (int round = 0; (it->ssl || round < 64) && it->state != WAITING; round++) {
    bool isBody = it->state == BODY && (it->chunk == WHOLE || it->chunk == BYTES);
    bool drains = isBody && it->start == it->end && it->left > 0;
    // Of chunked bodies little is read at a time, so that most of a chunk is still in the kernel.
    int room = it->state == BODY && it->isSplit ? LINE : BUFFER;
    if (room > BUFFER - it->end) room = BUFFER - it->end;
    ssize_t n;
    if (drains && !it->ssl) n = recv(it->fd, NULL, it->left < DRAIN ? it->left : DRAIN, MSG_TRUNC);
    else if (drains) n = SSL_read(it->ssl, thrown, it->left < sizeof thrown ? it->left : sizeof thrown);
    else if (it->ssl) n = SSL_read(it->ssl, it->in + it->end, room);
    else n = recv(it->fd, it->in + it->end, room, 0);
    if (n <= 0) {
      if (n == 0 || !isRetried(it, n)) drop(it);
      return;
    }
    if (drains) took(it, n);
    else it->end += n;
    if (!(drains && it->left) && !consume(it)) return;
  }
}

static void acceptAll(int listener) {
  int one = 1;
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    Connection *it = connections[fd] = calloc(1, sizeof *it);
    it->fd = fd;
    if (tls) {
      it->ssl = SSL_new(tls);
      SSL_set_fd(it->ssl, fd);
      SSL_set_accept_state(it->ssl);
    }
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  }
}

static void runTimers(void) {
  uint64_t now = nowNs();
  while (timersStart != timersEnd && timers[timersStart % timersCapacity].atNs <= now) {
    Timer timer = timers[timersStart++ % timersCapacity];
    Connection *it = connections[timer.fd];
    if (!it || generations[timer.fd] != timer.generation) continue;
    if (timer.isContinue) {
      append(&it->out, "HTTP/1.1 100 Continue\r\n\r\n", 25);
      flush(it);
    } else if (release(it) && it->ssl) readFrom(it);
  }
}

static SSL_CTX *openTls(const char *certificate, const char *key) {
  SSL_CTX *context = SSL_CTX_new(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
    exit(fprintf(stderr, "No certificate or key\n"));
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, 128 * 1024);
  return context;
}

int main(int count, char **arguments) {
  int port = 0;
  for (int i = 1; i < count; i++) {
    if (strcmp(arguments[i], "-p") == 0) port = atoi(arguments[++i]);
    if (strcmp(arguments[i], "-t") == 0) tls = openTls(arguments[i + 1], arguments[i + 2]), i += 2;
  }
  signal(SIGPIPE, SIG_IGN);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (bind(listener, (void *)&address, length) || listen(listener, 4096)) return perror("bind"), 1;
  getsockname(listener, (void *)&address, &length);
  epoll = epoll_create1(0);
  struct epoll_event listening = {.events = EPOLLIN, .data.fd = listener};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &listening);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    struct epoll_event events[256];
    struct timespec wait = {0}, *waits = NULL;
    if (timersStart != timersEnd) {
      uint64_t at = timers[timersStart % timersCapacity].atNs, now = nowNs();
      if (at > now) wait.tv_sec = (at - now) / 1000000000u, wait.tv_nsec = (at - now) % 1000000000u;
      waits = &wait;
    }
    int ready = epoll_pwait2(epoll, events, 256, waits, NULL);
    for (int i = 0; i < ready; i++) {
      int fd = events[i].data.fd;
      if (fd == listener) acceptAll(listener);
      Connection *it = connections[fd];
      if (!it || fd == listener) continue;
      if (events[i].events & EPOLLOUT && !flush(it)) continue;
      if (it->state == WAITING && events[i].events & (EPOLLHUP | EPOLLERR)) drop(it);
      else readFrom(it);
    }
    runTimers();
  }
}
