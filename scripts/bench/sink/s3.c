// What the sink answers: just enough of S3 for uploads, looks and listings of any client. An object is its
// size and the headers that came with it, checksums among them: they are given back, not computed.
#define _GNU_SOURCE
#include "sink.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <time.h>

#define XMLNS "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""
#define LISTED "audio/class-%02ld/01a20b0d-d75b-705f-9734-%012lx.mp3"
enum { CLASSES = 50 };

typedef struct {
  char *key; // with the bucket
  uint64_t bytes;
  char *kept; // headers, ETag among them
} Object;

typedef struct {
  char *key, *kept;
  uint64_t bytes;
} Upload;

static Object *objects;
static size_t objectCount, objectCapacity;
static Upload *uploads;
static size_t uploadCount;

static uint64_t hash(const char *text) {
  uint64_t sum = 1469598103934665603u; // FNV-1a
  while (*text) sum = (sum ^ (unsigned char)*text++) * 1099511628211u;
  return sum;
}

static Object *slot(Object *table, size_t capacity, const char *key) {
  size_t at = hash(key) & (capacity - 1);
  while (table[at].key && strcmp(table[at].key, key) != 0) at = (at + 1) & (capacity - 1);
  return &table[at];
}

static Object *find(const char *key) {
  if (objectCount * 2 >= objectCapacity) {
    size_t capacity = objectCapacity ? objectCapacity * 2 : 1 << 16;
    Object *more = calloc(capacity, sizeof *more);
    for (size_t i = 0; i < objectCapacity; i++)
      if (objects[i].key) *slot(more, capacity, objects[i].key) = objects[i];
    free(objects);
    objects = more;
    objectCapacity = capacity;
  }
  return slot(objects, objectCapacity, key);
}

static void store(const char *key, uint64_t bytes, char *kept) {
  Object *object = find(key);
  if (!object->key) objectCount++, object->key = strdup(key);
  free(object->kept);
  object->bytes = bytes;
  object->kept = kept;
}

static void reset(void) {
  for (size_t i = 0; i < objectCapacity; i++) free(objects[i].key), free(objects[i].kept);
  for (size_t i = 0; i < uploadCount; i++) free(uploads[i].key), free(uploads[i].kept);
  free(objects);
  objects = NULL;
  objectCount = objectCapacity = uploadCount = 0;
  figures = (Figures){.inFlight = figures.inFlight};
}

static bool begins(const char *line, const char *with) {
  return strncasecmp(line, with, strlen(with)) == 0;
}

// The request's headers that belong to the object, or only its checksums.
static void keep(const Request *request, Text *into, bool onlySums) {
  bool hasSum = false;
  for (const char *line = strstr(request->head, "\r\n") + 2; *line != '\r'; line = strstr(line, "\r\n") + 2) {
    bool isSum = begins(line, "x-amz-checksum-") && !begins(line, "x-amz-checksum-algorithm") &&
                 !begins(line, "x-amz-checksum-type") && !begins(line, "x-amz-checksum-mode");
    bool isKept = begins(line, "x-amz-meta-") || begins(line, "content-type:") || begins(line, "x-amz-storage-class:");
    hasSum = hasSum || isSum;
    if (isSum || (isKept && !onlySums)) append(into, line, strstr(line, "\r\n") + 2 - line);
  }
  if (hasSum) appendf(into, "x-amz-checksum-type: FULL_OBJECT\r\n");
}

// An MD5 where the client has sent one, as clients compare it; else what nobody takes for one.
static void etag(const Request *request, Text *into) {
  const char *md5 = header(request, "content-md5");
  const char *mark = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (!md5) {
    const char *attributes = header(request, "x-amz-meta-s3cmd-attrs");
    const char *own = attributes ? strstr(attributes, "md5:") : NULL;
    if (own) appendf(into, "ETag: \"%.32s\"\r\n", own + 4);
    else appendf(into, "ETag: \"%016lx%016lx-1\"\r\n", hash(request->path), hash(request->query));
    return;
  }
  unsigned bits = 0, count = 0;
  appendf(into, "ETag: \"");
  for (; *md5 && *md5 != '='; md5++) {
    bits = bits << 6 | (unsigned)(strchr(mark, *md5) - mark);
    count += 6;
    if (count >= 8) appendf(into, "%02x", bits >> (count -= 8) & 255);
  }
  appendf(into, "\"\r\n");
}

static void fail(Reply *reply, int status, const char *code) {
  reply->status = status;
  appendf(&reply->body, "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>%s</Message></Error>", code, code);
}

static void putObject(const Request *request, Reply *reply) {
  Text kept = {0};
  if (header(request, "if-none-match") && find(request->path)->key) return fail(reply, 412, "PreconditionFailed");
  keep(request, &reply->headers, true);
  etag(request, &reply->headers);
  etag(request, &kept);
  keep(request, &kept, false);
  store(request->path, request->bodyBytes, kept.data);
}

static Upload *uploadOf(const Request *request) {
  size_t number = strtoul(parameter(request, "uploadId") + 2, NULL, 10);
  return number < uploadCount && uploads[number].key ? &uploads[number] : NULL;
}

static void begin(const Request *request, Reply *reply, const char *bucket, const char *key) {
  uploads = realloc(uploads, (uploadCount + 1) * sizeof *uploads);
  Text kept = {0};
  keep(request, &kept, false);
  append(&kept, "", 0);
  uploads[uploadCount] = (Upload){.key = strdup(request->path), .kept = kept.data};
  appendf(&reply->body,
          "<?xml version=\"1.0\"?><InitiateMultipartUploadResult " XMLNS "><Bucket>%s</Bucket><Key>%s</Key>"
          "<UploadId>up%zu</UploadId></InitiateMultipartUploadResult>",
          bucket, key, uploadCount++);
}

static void complete(const Request *request, Reply *reply, Upload *upload, const char *bucket, const char *key) {
  if (header(request, "if-none-match") && find(upload->key)->key) return fail(reply, 412, "PreconditionFailed");
  Text kept = {0};
  append(&kept, upload->kept, strlen(upload->kept));
  keep(request, &kept, true);
  appendf(&kept, "ETag: \"%032lx-9\"\r\n", hash(upload->key));
  store(upload->key, upload->bytes, kept.data);
  appendf(&reply->body,
          "<?xml version=\"1.0\"?><CompleteMultipartUploadResult " XMLNS "><Bucket>%s</Bucket><Key>%s</Key>"
          "<ETag>&quot;%032lx-9&quot;</ETag></CompleteMultipartUploadResult>",
          bucket, key, hash(upload->key));
  free(upload->key);
  upload->key = NULL;
}

static void ofUpload(const Request *request, Reply *reply, const char *bucket, const char *key) {
  Upload *upload = uploadOf(request);
  if (!upload) return fail(reply, 404, "NoSuchUpload");
  if (strcmp(request->method, "POST") == 0) return complete(request, reply, upload, bucket, key);
  if (strcmp(request->method, "PUT") == 0) {
    upload->bytes += request->bodyBytes;
    keep(request, &reply->headers, true);
    return etag(request, &reply->headers);
  }
  free(upload->key);
  upload->key = NULL;
  reply->status = 204;
}

// A bucket that is called list-N has so many objects, which were made up.
static long listedIn(const char *bucket) {
  return begins(bucket, "list-") ? atol(bucket + 5) : 0;
}

static double unixMs(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static void list(const Request *request, Reply *reply, const char *bucket) {
  if (figures.firstListedMs == 0) figures.firstListedMs = unixMs();
  long count = listedIn(bucket), from = 0, most = 1000;
  const char *prefix = parameter(request, "prefix"), *token = parameter(request, "continuation-token");
  const char *marker = parameter(request, "marker"), *keys = parameter(request, "max-keys");
  if (keys) most = atol(keys);
  if (prefix && *prefix) count = 0;
  if (token && *token) from = atol(token + 1);
  if (marker && *marker) from = strtol(strrchr(marker, '-') + 1, NULL, 16) + 1;
  long to = from + most < count ? from + most : count;
  Text *body = &reply->body;
  appendf(body, "<?xml version=\"1.0\"?>\n<ListBucketResult " XMLNS "><Name>%s</Name><Prefix>%s</Prefix>", bucket, prefix ? prefix : "");
  if (parameter(request, "encoding-type")) appendf(body, "<EncodingType>url</EncodingType>");
  if (parameter(request, "list-type")) appendf(body, "<KeyCount>%ld</KeyCount>", to > from ? to - from : 0);
  if (to < count) appendf(body, "<NextContinuationToken>t%ld</NextContinuationToken>", to);
  appendf(body, "<MaxKeys>%ld</MaxKeys><IsTruncated>%s</IsTruncated>", most, to < count ? "true" : "false");
  for (long i = from; i < to; i++)
    appendf(body,
            "<Contents><Key>" LISTED "</Key><LastModified>2026-01-17T10:%02ld:%02ld.000Z</LastModified><ETag>"
            "&quot;%032lx&quot;</ETag><ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumType>FULL_OBJECT"
            "</ChecksumType><Size>%ld</Size><StorageClass>STANDARD</StorageClass></Contents>",
            i * CLASSES / (count + 1), i, i / 60 % 60, i % 60, i * 2654435761u, 20480 + i);
  appendf(body, "</ListBucketResult>");
}

static void look(const Request *request, Reply *reply, const char *bucket) {
  appendf(&reply->headers, "Last-Modified: Sat, 17 Jan 2026 10:00:00 GMT\r\n");
  if (listedIn(bucket)) {
    reply->tellsBytes = 20480;
    appendf(&reply->headers, "ETag: \"%032lx\"\r\nx-amz-meta-original_filename: Lecture.mp3\r\n", hash(request->path));
    return;
  }
  Object *object = find(request->path);
  if (!object->key) return fail(reply, 404, "NoSuchKey");
  reply->tellsBytes = object->bytes;
  append(&reply->headers, object->kept, strlen(object->kept));
}

static void ofBucket(const Request *request, Reply *reply, const char *bucket) {
  static const struct { const char *asked, *root; } empty[] = {
      {"location", "LocationConstraint"}, {"versioning", "VersioningConfiguration"},
      {"uploads", "ListMultipartUploadsResult"}, {"delete", "DeleteResult"}};
  if (strcmp(request->method, "HEAD") == 0 || strcmp(request->method, "PUT") == 0) return;
  for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
    if (parameter(request, empty[i].asked)) {
      appendf(&reply->body, "<?xml version=\"1.0\"?><%s " XMLNS "></%s>", empty[i].root, empty[i].root);
      return;
    }
  if (parameter(request, "object-lock")) return fail(reply, 404, "ObjectLockConfigurationNotFoundError");
  if (parameter(request, "policy")) return fail(reply, 404, "NoSuchBucketPolicy");
  list(request, reply, bucket);
}

void answer(const Request *request, Reply *reply) {
  char bucket[256];
  size_t length = strcspn(request->path + 1, "/");
  snprintf(bucket, sizeof bucket, "%.*s", (int)length, request->path + 1);
  const char *key = request->path + 1 + length + (request->path[1 + length] == '/');
  const char *method = request->method;
  if (!*bucket)
    appendf(&reply->body, "<?xml version=\"1.0\"?><ListAllMyBucketsResult " XMLNS "><Buckets></Buckets></ListAllMyBucketsResult>");
  else if (!*key) ofBucket(request, reply, bucket);
  else if (parameter(request, "uploadId")) ofUpload(request, reply, bucket, key);
  else if (strcmp(method, "POST") == 0) begin(request, reply, bucket, key);
  else if (strcmp(method, "PUT") == 0) putObject(request, reply);
  else if (strcmp(method, "HEAD") == 0) look(request, reply, bucket);
  else if (strcmp(method, "DELETE") == 0) reply->status = 204;
  else fail(reply, 404, "NoSuchKey");
}

void control(const Request *request, Reply *reply) {
  const char *ms = parameter(request, "ms");
  if (strcmp(request->path, "/__reset") == 0) reset();
  if (strcmp(request->path, "/__latency") == 0 && ms) latencyNs = atof(ms) * 1e6;
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  appendf(&reply->body, "{\"requests\":%lu,\"bodyBytes\":%lu,\"mostInFlight\":%d,\"objects\":%zu,"
          "\"firstListedMs\":%.3f,\"cpuSeconds\":%.3f}\n",
          figures.requests, figures.bodyBytes, figures.mostInFlight, objectCount, figures.firstListedMs,
          used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
}
