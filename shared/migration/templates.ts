/** @file What a person writes before a plan is made, to go on from. docs/MIGRATION.md says what each column is. */
export const MAPPING_TEMPLATE = `path,class_id,user_id,kind
2023/bio,bio-101,,
papers/*.pdf,,teacher-9,documents
re:^20\\d\\d/([^/]+)/,$1,,
`;

export const TIMETABLE_TEMPLATE = `class_id,weekday,starts,ends,from,to,path
bio-101,mon,09:00,10:30,2024-02-12,2024-07-19,room 1
art-2,Wednesday,14:00,15:30,,,
`;
