"""Documents for people: Word, iCalendar, spreadsheet and pictures.

Word documents are made from templates that an office can edit, in the layout of Decree 30/2020/NĐ-CP, Annex I.
"""
