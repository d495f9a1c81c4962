"""Word documents: made from templates that an office can edit, in the layout of Decree 30/2020/NĐ-CP, Annex I."""
