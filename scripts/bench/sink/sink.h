// What both halves of the sink know: http.c moves bytes, s3.c says what they mean.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  char *data;
  size_t length, capacity;
} Text;

void append(Text *text, const char *data, size_t length);
__attribute__((format(printf, 2, 3))) void appendf(Text *text, const char *format, ...);

typedef struct {
  char method[12], path[2048], query[4096];
  char *head;         // its lines, as they came, ending in an empty one
  uint64_t bodyBytes; // of the payload, without aws-chunked's framing
} Request;

typedef struct {
  int status;
  Text headers, body;
  uint64_t tellsBytes; // Content-Length of an answer to HEAD
} Reply;

// The value of a request header, in a buffer that the next call takes; NULL when it is not there.
const char *header(const Request *request, const char *name);
// The same of a query parameter, not decoded.
const char *parameter(const Request *request, const char *name);

void answer(const Request *request, Reply *reply);
// What is asked of the sink itself: paths that begin with /__. They are neither counted nor slowed.
void control(const Request *request, Reply *reply);

typedef struct {
  uint64_t requests, bodyBytes;
  int inFlight, mostInFlight;
  double firstListedMs; // when the first page of a listing was made, Unix milliseconds; 0 before
} Figures;
extern Figures figures;
extern uint64_t latencyNs;
