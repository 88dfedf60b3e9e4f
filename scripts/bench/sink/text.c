// Texts that grow, and reading what a request says.
#define _GNU_SOURCE
#include "sink.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void append(Text *text, const char *data, size_t length) {
  if (text->length + length + 1 > text->capacity) {
    text->capacity = (text->length + length + 1) * 2;
    text->data = realloc(text->data, text->capacity);
  }
  memcpy(text->data + text->length, data, length);
  text->data[text->length += length] = 0;
}

void appendf(Text *text, const char *format, ...) {
  char piece[4096];
  va_list rest;
  va_start(rest, format);
  int length = vsnprintf(piece, sizeof piece, format, rest);
  va_end(rest);
  append(text, piece, length < (int)sizeof piece ? length : (int)sizeof piece - 1);
}

const char *header(const Request *request, const char *name) {
  static char value[2048];
  size_t length = strlen(name);
  for (char *line = strstr(request->head, "\r\n"); line; line = strstr(line, "\r\n")) {
    line += 2;
    if (strncasecmp(line, name, length) != 0 || line[length] != ':') continue;
    line += length + 1;
    line += strspn(line, " ");
    size_t taken = strcspn(line, "\r");
    if (taken >= sizeof value) taken = sizeof value - 1;
    memcpy(value, line, taken);
    value[taken] = 0;
    return value;
  }
  return NULL;
}

const char *parameter(const Request *request, const char *name) {
  static char values[4][2048]; // so many may be looked at together
  static int turn;
  size_t length = strlen(name);
  for (const char *at = request->query; *at; at += strcspn(at, "&"), at += *at == '&') {
    if (strncmp(at, name, length) != 0 || !strchr("=&", at[length])) continue;
    char *value = values[turn++ % 4];
    const char *from = at + length + (at[length] == '=');
    snprintf(value, sizeof values[0], "%.*s", (int)strcspn(from, "&"), from);
    return value;
  }
  return NULL;
}
