"""Mistakes as users make them in a notebook: each gives one sentence that says what is possible, or just works."""

import datetime
import re
import warnings
from pathlib import Path

import pandas as pd
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.io import capture_output

import toolkit as tk
from toolkit.core.cell_errors import explain_cell_errors

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
NOT_PROTECTED = ["niet beschermd", "tk.levels(tk.protect(intake))"]
ROLES = ["director (directie)", "teacher", "care", "team"]
STEPS = ["1 (Thuisomgeving kennen)", "5 ("]
SCHOOLS = ["99AA00", "99AB00"]

MISTAKES = [
    # a role, step, item, school or year that does not exist
    ("tk.charts.radar(levels, roles=['ouder'])", ['Rol "ouder"', *ROLES]),
    ("tk.charts.dumbbell(levels, b='ouder')", ['Rol "ouder"', *ROLES]),
    ("tk.charts.distribution(items, role='ouders')", ['Rol "ouders"', *ROLES]),
    ("tk.charts.slopes(means, role='ouder')", ['Rol "ouder"', *ROLES]),
    ("tk.charts.cohort_heatmap(means, role='ouder')", ['Rol "ouder"', *ROLES]),
    ("tk.charts.cohort_dots(means, role='ouder')", ['Rol "ouder"', *ROLES]),
    ("tk.agreement(safe, a='ouder')", ['Rol "ouder"', *ROLES]),
    ("tk.agreement(safe, a='teacher', b='leraar')", ["met zichzelf"]),
    ("tk.read_folder(folder, role='ouder')", ['"ouder" is geen rol', "director"]),
    ("tk.charts.distribution(items, step=6)", ["Stap 6 is er niet", *STEPS]),
    ("tk.charts.distribution(items, step='drie')", ['Stap "drie"', *STEPS]),
    ("tk.charts.heatmap(items, step=0)", ["Stap 0", *STEPS]),
    ("tk.charts.trend(levels, step=6)", ["Stap 6", *STEPS]),
    ("tk.movement(items, '9.9')", ['Uitspraak "9.9"', "1.1", "5.8"]),
    ("tk.movement(items, '1.2', school='99XX00')", ['School "99XX00"', *SCHOOLS]),
    ("tk.charts.radar(levels, '99XX00')", ['School "99XX00"', *SCHOOLS]),
    ("tk.summarise_actions(safe.actions, '99XX00')", ['School "99XX00"', *SCHOOLS]),
    ("tk.write_report(intake, '99XX00', out / 'r.html')", ['School "99XX00"', "De Regenboog (99AA00)"]),
    ("tk.write_talk_sheet(intake, '99XX00', out / 'p.html')", ['School "99XX00"', "De Regenboog (99AA00)"]),
    ("tk.SchoolExplorer(intake, school='99XX00')", ['School "99XX00"', "De Regenboog (99AA00)"]),
    ("tk.ActionBoard(intake, school='99XX00')", ['School "99XX00"', "De Regenboog (99AA00)"]),
    ("tk.forget(folder, '99XX00')", ["99XX00", "Controleer de code"]),
    ("intake.write_report(out / 'x.xlsx', school='99XX00')", ["99XX00", "Controleer de code"]),
    ("tk.charts.radar(levels, wave='2019')", ['Schooljaar "2019"', "2025-2026"]),
    ("tk.charts.radar(levels, compare='2019-2020')", ['Schooljaar "2019-2020"', "2024-2025"]),
    ("tk.write_form(out / 'f.xlsx', wave='2025')", ['"2025" is geen schooljaar', "2025-2026"]),
    ("tk.charts.cohort_radar(means, 'zo')", ['Groep "zo"', "po, vo"]),
    ("tk.charts.cohort_radar(means, grouping='kleur')", ['Indeling "kleur"', "sector"]),
    ("tk.charts.forest(differences, 'po', 'zo')", ["po - vo"]),
    ("tk.charts.forest(tk.cohort_differences(responses, checklist, one_group))", ["geen indeling met twee groepen"]),
    ("tk.charts.forest(differences, role='care', measure='gap')", ["gap care", "level teacher"]),
    ("tk.prepare_cohorts(responses, checklist, schools, 'kleur')", ["geen kolom kleur", "sector"]),
    # a language, colour, number or word that is not one
    ("tk.charts.radar(levels, language='fr')", ["Taal 'fr'", "nl, en"]),
    ("tk.agenda(safe, language='de')", ["Taal 'de'", "nl, en"]),
    ("tk.charts.radar(levels, langauge='en')", ["langauge is geen keuze", "name, checklist, language"]),
    ("tk.charts.radar(levels, colors='rood')", ["colors", "print", "director"]),
    ("tk.charts.radar(levels, colors={'director': 'rood'})", ["colors", '"#0072B2"']),
    ("tk.charts.radar(levels).save(out / 'radar.jpg')", [".svg", ".png", ".pdf"]),
    ("tk.charts.radar(levels).save(out / 'radar.svg', width=5)", ["width", "40", "400"]),
    ("tk.levels(safe, partly=2)", ["partly: 2 kan niet", "0 tot en met 1"]),
    ("tk.agreement(safe, partly='half')", ['partly: "half" kan niet']),
    ("tk.agreement(safe, per='stap')", ['per: "stap"', '"step"', '"item"']),
    ("tk.agreement(safe, team_size='tien')", ['team_size: "tien"']),
    ("tk.agreement(safe, reference='po')", ["reference", "uniform"]),
    ("tk.Policy(minimum=2)", ["minimum: 2 kan niet", "vanaf 3"]),
    ("tk.Policy(minimum=5.5)", ["minimum: 5.5 kan niet", "heel getal"]),
    ("tk.Policy(audience='iedereen')", ['"iedereen"', '"school"']),
    ("tk.meeting_agenda(tk.agenda(safe), sector='mbo')", ['sector: "mbo"', '"po"', '"vo"']),
    ("tk.write_report(intake, None, out / 'r.html', sector='mbo')", ['sector: "mbo"', '"po"', '"vo"']),
    ("tk.summarise_differences(per_item, most='drie')", ['most: "drie"']),
    ("tk.samples.responses(schools=0)", ["schools: 0 kan niet"]),
    ("tk.read_folder(folder, workers='twee')", ['workers: "twee"']),
    ("tk.levels(safe, 'handvat')", ["checklist", "laat checklist weg"]),
    ("tk.Instrument('x')", ["tk.load_instrument()"]),
    ("tk.Instrument(id='x')", ["tk.load_instrument()"]),
    ("tk.load_instrument(5)", ["Er is geen checklist die 5 heet", "handvat-ouders-2023"]),
    ("tk.load_instrument.item('1.1')", ["tk.load_instrument().item"]),
    ("checklist.item('9.9')", ['Uitspraak "9.9"', "1.1", "5.8"]),
    ("checklist.step(9)", ['Stap "9"', "1, 2, 3, 4, 5"]),
    ("checklist.role('ouder')", ['Rol "ouder"', "director, teacher, care, team"]),
    ("intake()", ["Een Intake is geen lijst, getal of functie", "responses"]),
    ("list(intake)", ["Een Intake is geen lijst", "responses"]),
    ("len(safe)", ["Een Protected is geen lijst", "responses"]),
    ("intake + 5", ["Een Intake is geen lijst, getal"]),
    ("intake.counts('x')", ["geen; laat de haakjes leeg"]),
    ("radar(levels)", ["Bedoelt u tk.charts.radar(...)?"]),
    ("tk.summarise_levels(levels).to_word()", ["Bedoelt u save?"]),
    ("tk.agreement(safe, invited='tien')", ['invited: "tien"']),
    ("tk.agenda(safe, rule=3)", ["rule: 3 past hier niet"]),
    ("tk.read_folder(folder, wave=2025)", ['"2025" is geen schooljaar']),
    ("tk.read_folder(folder, role=1)", ['"1" is geen rol']),
    ("tk.read_folder(folder, cache=5)", ["cache: 5 past hier niet"]),
    ("tk.read_export(5)", ["Geef het pad", "aanhalingstekens"]),
    ("tk.read_export(out / 'x.csv', 'ouders')", ["laat checklist weg"]),
    # another table than is meant
    ("tk.charts.radar(intake)", NOT_PROTECTED),
    ("tk.charts.radar(intake.responses)", NOT_PROTECTED),
    ("tk.charts.radar(safe)", NOT_PROTECTED),
    ("tk.charts.radar(items)", ["tk.item_table", "tk.levels"]),
    ("tk.charts.dumbbell(per_step)", ["tk.agreement", "tk.levels"]),
    ("tk.charts.dumbbell(levels, gaps=levels)", ["tk.levels", "tk.agreement"]),
    ("tk.charts.distribution(levels)", ["tk.levels", "tk.item_table"]),
    ("tk.charts.split(per_item)", ['per="item"', "tk.agreement"]),
    ("tk.charts.cohort_radar(levels)", ["tk.levels", "tk.compare_cohorts"]),
    ("tk.charts.forest(means)", ["tk.compare_cohorts", "tk.cohort_differences"]),
    ("tk.summarise_agreement(levels)", ["tk.levels", "tk.agreement"]),
    ("tk.summarise_levels(per_step)", ["tk.agreement", "tk.levels"]),
    ("tk.summarise_kappa(tk.consensus(safe))", ["tk.consensus", "tk.agreement"]),
    ("tk.summarise_actions(intake.actions)", ["niet beschermd", "tk.protect"]),
    ("tk.summarise_actions(safe)", ["geen actiepunten", "tk.protect(intake).actions"]),
    ("tk.meeting_agenda(levels)", ["tk.levels", "tk.agenda"]),
    ("tk.movement(levels, '1.2')", ["tk.levels", "tk.item_table"]),
    ("tk.levels(levels)", ["geen antwoorden (tk.levels)", "tk.read_folder"]),
    ("tk.protect('99AA00')", ["geen antwoorden", "tk.read_folder"]),
    ("tk.write_report(safe, None, out / 'r.html')", ["geen inname (Protected)", "tk.read_folder"]),
    ("tk.SchoolExplorer(levels)", ["geen inname (DataFrame)", "tk.read_folder"]),
    ("tk.audit_cohorts(means)", ["tk.prepare_cohorts"]),
    ("tk.priorities(levels, safe)", ["intake.priorities"]),
    ("tk.protect(intake, policy='school')", ['policy: "school" past hier niet', "tk.Policy()"]),
    ("tk.read_folder(folder, register=5)", ["register: 5 past hier niet", "scholen.csv"]),
    ("tk.prepare_cohorts(responses, groups='sector')", ['groups: "sector"', "tk.read_register"]),
    ("tk.cohort_trends(means)", ["cohorts: DataFrame past hier niet", "tk.prepare_cohorts"]),
    ("tk.change_differences(means)", ["cohorts: DataFrame past hier niet", "tk.prepare_cohorts"]),
    ("tk.panel_and_cross_section(means)", ["er ontbreekt changes"]),
    ("tk.write_actions(out / 'p.xlsx', 'plan')", ['plan: "plan" past hier niet', "tk.new_plan"]),
    ("tk.write_reference(levels, out / 'r.csv')", ["ontbreekt", "tk.make_reference"]),
    ("tk.SchoolResults.of_intake(intake, invited='nergens.csv')", ["nergens.csv is er niet"]),
    # one's own table
    ("tk.make_responses([{'school': '99AA00', 'rol': 'teacher'}])", ["Onbekende kolom: rol", "role"]),
    ("tk.make_responses([{'role': 'ouder'}])", ['Rol "ouder"', "director, teacher, care"]),
    ("tk.make_responses([{'role': 'teacher', '1.1': 7}])", ["Uitspraak 1.1: 7", "0 (Nee)"]),
    ("tk.make_responses(['99AA00'])", ["een rij met namen"]),
    ("tk.reliability(safe)", ["al beschermd", "tk.read_folder(...)"]),
    ("tk.export(safe, out / 'x.xlsx')", ["al beschermd", "tk.read_folder(...)"]),
    ("tk.size_weights(responses, 5)", ["invited, role, school, wave"]),
    ("tk.size_weights(responses, schools)", ["ontbreekt", "role"]),
    ("tk.population_weights(responses, schools, 'x')", ["n_schools ontbreekt"]),
    ("tk.response_rates(responses, schools)", ["ontbreekt", "school, wave, role en invited"]),
    ("tk.group_response(responses, schools)", ["rates: DataFrame past hier niet", "tk.response_rates"]),
    ("tk.make_reference(levels)", ["tk.levels", "tk.compare_cohorts"]),
    ("tk.summarise_audit(means)", ["table: DataFrame past hier niet", "tk.audit_cohorts"]),
    ("tk.cohort_map(responses, role='ouder')", ['Rol "ouder"', "teacher"]),
    ("tk.prepare_cohorts(responses)", ["ook de groepen", "tk.read_register(...)"]),
    ("tk.with_wording(checklist, 'x')", ['wording: "x" past hier niet', "tk.load_wording"]),
    ("tk.movement(items, [])", ["minstens één uitspraak", '"1.1"']),
    ("tk.movement(items, None)", ["minstens één uitspraak", '"1.1"']),
    ("tk.movement(items, '1.2', before='2020-2021')", ['Schooljaar "2020-2021"', "2024-2025"]),
    ("tk.load_instrument('x')", ["geen checklist die x heet", "handvat-ouders-2023"]),
    ("tk.letter('De Linde', 'vorig jaar', forms=9)", ['"vorig jaar" is geen schooljaar']),
    ("tk.letter('De Linde', '2025-2026', forms='negen')", ['forms: "negen" kan niet']),
    ("tk.write_form(out / 'f.xlsx', school=5)", ["school: 5 past hier niet", '"99AE00"']),
    ("tk.write_online_form(out / 'v.docx', school=4)", ["school: 4 past hier niet"]),
    ("tk.charts.radar()", ["tk.charts.radar: er ontbreekt table"]),
    # a folder or file
    ("tk.read_export(folder)", ["is een map", "tk.read_folder"]),
    ("tk.read_register(folder)", ["is een map", "een rij per school"]),
    ("tk.read_reference(out / 'nergens.csv')", ["is er niet", "tk.write_reference"]),
    ("tk.write_reports(intake, out / 'r.html')", ["de naam van een bestand", "format="]),
    ("tk.read_folder(out / 'nergens')", ["bestaat niet", "Wel is er"]),
    ("tk.read_folder('C:\\teruggekregen')", ["Zet een r voor"]),
    ("tk.read_folder(None)", ["Geef het pad van een map"]),
    ("tk.read_folder('')", ["Geef het pad van een map"]),
    ("tk.read_export(out / 'nergens.xlsx')", ["is er niet", "export"]),
    ("tk.read_register(out / 'nergens.csv')", ["is er niet", ".csv"]),
    ("tk.load_wording(out / 'nergens.csv', checklist)", ["is er niet"]),
    ("tk.read_actions(out / 'nergens.xlsx')", ["is er niet", "actieplan"]),
    ("tk.write_report(intake, None, out / 'r.doc')", ["r.doc", ".html", ".docx"]),
    ("tk.write_talk_sheet(intake, None, out / 'p.pptx')", ["p.pptx", ".pdf"]),
    ("tk.write_form(out / 'f.doc')", [".doc", ".xlsx"]),
    ("tk.export(intake, out / 'x.doc')", [".doc", ".csv"]),
    ("intake.write_report(out / 'x.doc')", [".doc", ".xlsx"]),
    ("tk.charts.radar(tk.levels(tk.protect(tk.read_folder(empty))))", ["geen rijen", "intake.summary()"]),
    ("tk.write_report(tk.read_folder(empty), None, out / 'r.html')", ["geen enkel formulier telt mee"]),
    # a call that does not fit
    ("tk.levels()", ["tk.levels: er ontbreekt data", "checklist, invited, partly"]),
    ("tk.write_report(intake, out / 'r.html')", ["tk.write_report: er ontbreekt path"]),
    ("tk.agreement(safe, rol_a='director')", ["rol_a is geen keuze", "a, b, per"]),
    ("tk.agreement(safe, role='director', language='en')", ["language, role is no option"]),
    ("tk.radar(levels)", ["tk.radar is er niet", "tk.charts.radar"]),
    ("tk.charts.radars(levels)", ["tk.charts.radars is er niet", "Bedoelt u tk.charts.radar"]),
    ("tk.write_online_form(out / 'vragen.exe')", ["vragen.exe", ".docx"]),
    ("tk.SchoolExplorer(intake, page='begin')", ['page: "begin"', '"overview"', '"plan"']),
    ("tk.SchoolExplorer(intake, step=9)", ["Stap 9 is er niet", *STEPS]),
    ("tk.summarize_levels(levels)", ["Bedoelt u tk.summarise_levels"]),
    # a value of another kind than a function, method or widget takes: one check for all of them
    ("tk.FormUpload(5)", ["checklist: 5 is geen checklist", "tk.load_instrument()"]),
    ("tk.FormUpload(language=['nl'])", ["language: list past hier niet", '"nl"']),
    ("tk.FormUpload(folder=intake)", ["folder: Intake past hier niet", '"teruggekregen"']),
    ("tk.SchoolExplorer(5)", ["geen inname (int)", "tk.read_folder(...)"]),
    ("tk.SchoolExplorer(results, checklist=levels)", ["checklist: DataFrame past hier niet", "tk.load_instrument()"]),
    ("tk.SchoolExplorer(results, school=levels)", ["school: DataFrame past hier niet", '"99AA00"']),
    ("tk.SchoolExplorer(results, wave='2019-2020')", ['Schooljaar "2019-2020"', "2024-2025"]),
    ("tk.SchoolExplorer(results, compare='2019-2020')", ['Schooljaar "2019-2020"', "2024-2025"]),
    ("tk.SchoolExplorer(results, roles=['ouder'])", ['Rol "ouder"', "director"]),
    ("tk.SchoolExplorer(results, address=5)", ["address: 5 past hier niet"]),
    ("tk.SchoolExplorer(results, folder=5)", ["folder: 5 past hier niet", '"teruggekregen"']),
    ("tk.SchoolExplorer(results, scholen=1)", ["tk.SchoolExplorer: scholen is geen keuze", "school, wave, compare"]),
    ("tk.SchoolResults.of_intake(intake, policy=5)", ["policy: 5 past hier niet", "tk.Policy()"]),
    ("tk.ActionBoard(intake, policy=5)", ["policy: 5 past hier niet", "tk.Policy()"]),
    ("tk.ActionBoard(results, wave=2019)", ['Schooljaar "2019"', "2024-2025"]),
    ("tk.ActionBoard(results, path=5)", ["path: 5 past hier niet", '"uitvoer/bestand.xlsx"']),
    ("tk.ActionBoard(results, folder=[])", ["folder: list past hier niet"]),
    ("tk.CohortExplorer(responses, schools, by=5)", ["by: 5 past hier niet", '"sector"']),
    ("tk.CohortExplorer(responses, schools, language='fr')", ["Taal 'fr'", "nl, en"]),
    ("tk.CohortExplorer(responses, schools, standalone='nee')", ['standalone: "nee" past hier niet', "True"]),
    ("tk.charts.radar(levels).show(5)", ["er is te veel ingevuld"]),
    ("tk.charts.radar(levels).save(5)", ["path: 5 past hier niet"]),
    ("tk.charts.radar(levels).save(None)", ["path: NoneType past hier niet"]),
    ("tk.charts.radar(levels).save(out)", ["dit soort bestand wordt hier niet gemaakt", ".svg, .png, .pdf"]),
    ("tk.charts.radar(levels).save(out / 'r.svg', width='breed')", ['"breed" kan niet', "40 tot en met 400"]),
    ("tk.charts.radar(levels).write_image(out / 'r.jpg')", ["r.jpg: dit soort bestand", ".svg, .png, .pdf"]),
    ("tk.charts.radar(levels).with_source(5)", ["source: 5 past hier niet"]),
    ("tk.summarise_levels(levels).save(5)", ["path: 5 past hier niet"]),
    ("tk.summarise_levels(levels).save(out / 'x.pptx')", ["x.pptx: dit soort bestand", ".xlsx, .docx, .tex, .csv"]),
    ("tk.summarise_levels(levels, language=['nl'])", ["language: list past hier niet", '"nl"']),
    ("tk.summarise_levels(levels, school=['99AA00'])", ["school: list past hier niet", '"99AA00"']),
    ("tk.summarise_levels(levels, wave=pd.NA)", ["wave: NAType past hier niet", '"2025-2026"']),
    ("tk.summarise_levels(levels, school=b'99AA00')", ["school: bytes past hier niet"]),
    ("tk.summarise_levels(levels, names=5)", ["names is geen keuze", "name, checklist, language, colors"]),
    ("tk.summarise_changes(levels, only_clear='ja')", ['only_clear: "ja" past hier niet', "True"]),
    ("tk.meeting_agenda(tk.agenda(safe), preconditions='nee')", ['preconditions: "nee" past hier niet', "True"]),
    ("tk.read_folder(folder, progress='nee')", ['progress: "nee" past hier niet', "True"]),
    ("tk.read_folder(folder, school=['99AA00'])", ["school: list past hier niet", '"99AA00"']),
    ("tk.read_folder(folder, wave=datetime.date(2025, 9, 1))", ["wave: date past hier niet", '"2025-2026"']),
    ("tk.read_folder(folder, role={'teacher'})", ["role: set past hier niet", '"teacher"']),
    ("tk.read_export(out / 'x.csv', columns='school')", ["x.csv is er niet"]),
    ("tk.agreement(safe, a=['director'])", ["a: list past hier niet", '"director"']),
    ("tk.agreement(safe, per=levels)", ["per: DataFrame past hier niet"]),
    ("tk.agenda(safe, language={})", ["language: dict past hier niet"]),
    ("tk.protect(intake, actions=5)", ["past hier niet"]),
    ("tk.new_plan(safe.actions, ['99AA00'])", ["school: list past hier niet"]),
    ("tk.new_plan(5)", ["geen actiepunten (int)", "tk.protect(intake).actions"]),
    ("tk.action_points(levels, wave=[])", ["wave: list past hier niet"]),
    ("tk.audit_cohorts(cohorts, means=5)", ["means: 5 past hier niet", "tk.compare_cohorts(...)"]),
    ("tk.audit_cohorts(cohorts, schools=5)", ["schools: 5 past hier niet"]),
    ("tk.export(intake, out / 'x.csv', texts='ja')", ['texts: "ja" past hier niet', "True"]),
    ("tk.export(intake, out / 'x.csv', archive='titel')", ['archive: "titel" past hier niet', "tk.Archive("]),
    ("tk.export(intake, out / 'x.csv', secret=['x'])", ["secret: list past hier niet"]),
    ("tk.write_form(out)", ["dit soort bestand wordt hier niet gemaakt", ".xlsx"]),
    ("tk.write_form(5)", ["path: 5 past hier niet"]),
    ("tk.write_report(intake, ['99AA00'], out / 'r.html')", ["school: list past hier niet", '"99AA00"']),
    ("tk.write_report(intake, '99AA00', 5)", ["path: 5 past hier niet"]),
    ("tk.write_report(intake, '99AA00', out / 'r.html', policy='ruim')", ['"ruim" past hier niet', "tk.Policy()"]),
    ("tk.write_reports(intake, out / 'rs', schools=5)", ["schools: 5 past hier niet"]),
    ("tk.forget(None, '99AA00')", ["Geef het pad van een map"]),
    ("tk.forget('', '99AA00')", ["Geef het pad van een map"]),
    ("tk.forget(folder, None)", ["Geef de code van de school", "Er is niets verwijderd"]),
    ("results.of('99AA00', '2019-2020')", ['Schooljaar "2019-2020"', "2024-2025"]),
    ("results.of('99XX00')", ['School "99XX00"', "De Regenboog (99AA00)"]),
    ("results.find_school('')", ['School ""', "De Regenboog (99AA00)"]),
    ("intake.summary(['nl'])", ["language: list past hier niet", '"nl"']),
    ("intake.write_report(5)", ["path: 5 past hier niet"]),
    ("tk.FormUpload(folder=5)", ["folder: 5 past hier niet", '"teruggekregen"']),
    ("tk.TeamAction('Bellen', items='1.2')", ['items: "1.2" past hier niet', '("1.2",)']),
    ("tk.TeamAction(None)", ["what: NoneType past hier niet"]),
    ("tk.Archive(contributors='Jansen')", ['contributors: "Jansen" past hier niet', '("De Vries",)']),
    ("tk.summarise_movement(tk.movement(items, '1.2'), wave='2025-2026')", ["wave is geen keuze", "school, name"]),
    ("tk.compare_cohorts(cohorts, policy=tk.Policy(20))", ["policy heeft hier geen invloed", "tk.prepare_cohorts"]),
    ("tk.cohort_differences(cohorts, by='sector')", ["by heeft hier geen invloed meer", "tk.prepare_cohorts"]),
    ("tk.action_points(safe.actions, wave='vorig jaar')", ['"vorig jaar" is geen schooljaar', "2025-2026"]),
    ("tk.with_wording(checklist, {})", ["1.1, 1.2"]),
    ("tk.read_folder(folder, cache=out / 'tekst.txt')", ["tekst.txt is een bestand; hier hoort een map"]),
    ("tk.movement(items, levels)", ["chosen_items: DataFrame past hier niet"]),
    # a column that a table of one's own does not have
    ("tk.participation(responses, schools, 'kleur')", ['Kolom "kleur" is er niet', "school", "sector"]),
    ("tk.participation(pd.DataFrame({'a': [1]}), schools, 'sector')", ['Kolom "school" is er niet. Kies uit: a.']),
    ("tk.export(intake, out / 'x.csv', facts=pd.DataFrame({'a': [1]}))", ['Kolom "school" is er niet. Kies uit: a.']),
    ("tk.join_register(pd.DataFrame({'a': [1]}), schools)", ['Kolom "school" is er niet. Kies uit: a.']),
    ("tk.protect(intake, actions=pd.DataFrame({'a': [1]}))", ['Kolom "school" is er niet. Kies uit: a.']),
    # a path that the operating system refuses
    ("tk.charts.radar(levels).save(out / 'tekst.txt' / 'r.svg')", ["tekst.txt is een bestand; hier hoort een map"]),
    ("tk.summarise_levels(levels).save(out / 'tekst.txt' / 'x.csv')", ["tekst.txt is een bestand"]),
    ("tk.write_report(intake, '99AA00', out / 'map.html')", ["map.html is een map; hier hoort een bestand"]),
    ("tk.write_reports(intake, out / 'tekst.txt')", ["tekst.txt"]),
    ("tk.samples.write_folder(out / 'tekst.txt')", ["in dat pad staat een bestand waar een map hoort"]),
    ("tk.write_report(intake, '99AA00', '/proc/x/r.html')", ["/proc/x", "Kies een map waarin u mag schrijven.\n"]),
    ("tk.load_wording(empty, checklist)", ["is een map; hier hoort een bestand"]),
    # a name, column or argument that is not there, of which Python itself would show a traceback
    ("levels.plot_radar()", ["Een tabel heeft geen plot_radar", "tk.charts.radar(...)"]),
    ("levels.niveau", ["Een tabel heeft geen niveau", "school, wave, role, step, level"]),
    ("levels['niveau']", ['Kolom "niveau" is er niet', "school, wave, role, step, level"]),
    ("levels[['school', 'niveau']]", ['Kolom "niveau" is er niet', "school, wave, role, step, level"]),
    ("levels.groupby('stap').size()", ['Kolom "stap" is er niet', "step"]),
    ("levels.query('rol == 1')", ['Kolom "rol" is er niet', "role"]),
    ("intake.responses['1.1 ']", ['Kolom "1.1 " is er niet', "1.1"]),
    ("intake.levels", ["Een Intake heeft geen levels", "tk.levels(...)"]),
    ("intake['school']", ["Uit een Intake is niets te nemen met [ ]", "responses"]),
    ("safe.actiepunten", ["Een Protected heeft geen actiepunten", "actions, hidden"]),
    ("results['99AA00']", ["Uit een SchoolResults is niets te nemen met [ ]", "find_school"]),
    ("results.scholen", ["Een SchoolResults heeft geen scholen", "schools"]),
    ("tk.summarise_levels(levels)['school']", ["Uit een TextTable is niets te nemen met [ ]", "to_frame"]),
    ("tk.charts(levels)", ["een groep functies", "druk op Tab"]),
    ("tk.Weights('x')", ["Een Weights maakt u niet zelf", "tk.size_weights(...)"]),
    ("tk.Intake('map')", ["Een Intake maakt u niet zelf", "tk.read_folder(...)"]),
    ("tk.SchoolResults(intake)", ["maakt u niet zelf", "tk.SchoolResults.of_intake(...)"]),
    ("tk.Policy(min=5)", ["tk.Policy: min is geen keuze", "minimum, audience"]),
    ("tk.TeamAction()", ["tk.TeamAction: er ontbreekt what", "what, items"]),
    ("tk.SchoolExplorer()", ["tk.SchoolExplorer: er ontbreekt intake"]),
    ("tk.SchoolExplorer(intake, stap=3)", ["stap is geen keuze", "step, page"]),
    ("tk.CohortExplorer(responses)", ["tk.CohortExplorer: er ontbreekt schools"]),
    ("tk.charts.radar(levels).save()", ["er ontbreekt path", "path, width"]),
    ("tk.charts.radar(levels).opslaan('x.svg')", ["Een Picture heeft geen opslaan", "save, sentence, show, table"]),
    ("intake.file_table(fijn=True)", ["fijn is geen keuze", "language, fine"]),
    ("levls", ["levls is er niet", "Bedoelt u levels?"]),
    ("mijn_tabel", ["mijn_tabel is er nog niet", "Voer eerst de cel uit"]),
    ("tk.read_folder('nergens')", ["De map nergens bestaat niet", "in intake staat nog wat op"]),
    ("tk.charts.radar(levels, '99XX00', language='en')", ['School "99XX00" is not', "Choose from"]),
    ("tk.charts.radar(intake, language='en')", ["is not protected"]),
]  # fmt: skip

FINE = [
    ("tk.SchoolExplorer(results, wave='2024/2025').wave.value", "2024-2025"),
    ("tk.SchoolExplorer(results, roles='leraar', page='Plan')._roles", "teacher"),
    ("tk.summarise_kappa(tk.cohort_kappa(responses)).columns", "('Schooljaar', 'Stap', 'Kappa', 'Scholen')"),
    ("tk.summarise_changes(tk.cohort_changes(cohorts))", "Er is één schooljaar: er is nog geen verandering te zien."),
    ("results.label('99AA00')", "De Regenboog (99AA00)"),
    ("results.find_wave('99aa00', '2024/2025')", "2024-2025"),
    ("tk.charts.radar(levels, roles='director').table.columns[1]", "Directie"),
    ("tk.charts.radar(levels, roles=['leraar']).table.columns[1]", "Leraren"),
    ("tk.charts.radar(levels, '99ab00').layout.title.text", "99AB00"),
    ("tk.charts.radar(results.levels, 'basisschool de regenboog').layout.title.text", "De Regenboog<br>(99AA00)"),
    ("tk.charts.radar(levels, wave='2024/2025').layout.title.subtitle.text", "2024-2025"),
    ("tk.charts.distribution(items, step='3').layout.title.text", "Stap 3"),
    ("len(tk.levels(intake)) > 0, len(tk.agreement(intake)) > 0, len(tk.item_table(intake)) > 0", "True True True"),
    ("len(tk.protect(intake).actions) == len(safe.actions)", "True"),
    ("set(tk.movement(items, '1.2')['item'])", "{'1.2'}"),
    ("tk.Policy(minimum='8').minimum", "8"),
    ("tk.make_responses([{'role': 'leraar', '1.1': 2}])['role'][0]", "teacher"),
    ("results.find_school('basisschool de regenboog')", "99AA00"),
    ("tk.meeting_agenda(results.agenda_in('nl'), sector='PO').title", "De Regenboog"),
    ("len(tk.summarise_actions(safe.actions, '99AA00').rows) > 0", "True"),
    ("len(tk.charts.slopes(means, 'po').data) > 0", "True"),
    ("safe", "Protected(forms="),
    ("checklist", "Instrument('handvat-ouders-2023', 33 items)"),
    ("intake", "Intake(read="),
]


@pytest.fixture(scope="module")
def shell(example, tmp_path_factory):
    """A notebook in which the example schools were read; in its own process, so without a kernel."""
    responses, schools = tk.samples.cohort()
    responses = responses[responses["wave"] == responses["wave"].max()]
    cohorts = tk.prepare_cohorts(responses, tk.load_instrument(), schools, "sector")
    safe, out = example.safe, tmp_path_factory.mktemp("out")
    (out / "empty").mkdir()
    (out / "map.html").mkdir()
    (out / "tekst.txt").write_text("tekst", encoding="utf-8")
    shell = InteractiveShell.instance()
    explain_cell_errors(tk)
    shell.push({
        "tk": tk, "checklist": tk.load_instrument(), "intake": example.intake, "folder": example.folder, "safe": safe,
        "levels": tk.levels(safe), "items": tk.item_table(safe), "per_step": tk.agreement(safe), "out": out,
        "per_item": tk.agreement(safe, per="item"), "results": tk.SchoolResults.of_intake(example.intake),
        "responses": responses, "schools": schools, "means": tk.compare_cohorts(cohorts), "empty": out / "empty",
        "cohorts": cohorts, "pd": pd, "datetime": datetime,
        "differences": tk.cohort_differences(cohorts), "one_group": dict.fromkeys(schools["school"], "alle"),
    })  # fmt: skip
    yield shell
    InteractiveShell.clear_instance()


def shown_by(shell: InteractiveShell, cell: str) -> str:
    """What stands under a cell that was run."""
    with capture_output() as captured, warnings.catch_warnings():
        shell.run_cell(cell)
    return captured.stdout + captured.stderr


def test_there_are_sixty_mistakes_and_more():
    assert len({cell for cell, _ in MISTAKES}) == len(MISTAKES) >= 60


@pytest.mark.parametrize(("cell", "phrases"), MISTAKES, ids=[cell for cell, _ in MISTAKES])
def test_a_mistake_in_a_cell_gives_one_sentence_that_says_what_is_possible(shell, cell, phrases):
    shown = shown_by(shell, cell)
    assert [word for word in phrases if word not in shown] == [], shown
    assert "Traceback" not in shown
    assert len(shown.strip().splitlines()) == 1


@pytest.mark.parametrize("cell", ["{}['x']", "len(5)", "tk.charts.radar(levels); 'x'.radar()"])
def test_an_error_of_something_else_keeps_its_traceback(shell, cell):
    assert "Traceback" in shown_by(shell, cell)


@pytest.mark.parametrize(("cell", "result"), FINE, ids=[cell for cell, _ in FINE])
def test_what_is_clear_is_simply_done(shell, cell, result):
    shown = shown_by(shell, f"print({cell})" if "(" in cell else f"print(repr({cell}))")
    assert result in shown
    assert len(shown.strip().splitlines()) == 1


def test_tab_after_tk_shows_the_public_names_that_a_notebook_types(shell):
    typed = {one for path in NOTEBOOKS for one in re.findall(r"\btk\.(\w+)", path.read_text(encoding="utf-8"))}
    with provisionalcompleter():
        shown = {found.text for found in shell.Completer.completions("tk.", 3)}
    assert typed | {"charts", "samples"} <= shown <= set(tk.__all__)
    assert set(tk.__all__) - shown == tk.UNLISTED
    assert 60 <= len(shown) <= 70
