"""Founding, renaming and ending a bloc: acts of its federation, each with its day and its decision."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from workflow_app.core import clock, vietnamese
from workflow_app.core.errors import FieldError, Invalid, NotFound, Refusal
from workflow_app.core.ids import new_id
from workflow_app.organisations.bloc_life import end_bloc, rename_bloc
from workflow_app.organisations.blocs import form_bloc, lock_bloc
from workflow_app.organisations.errors import BlocBusy, CodeTaken, SymbolTaken
from workflow_app.organisations.models.blocs import Bloc, BlocKind
from workflow_app.organisations.types import Seat
from workflow_app.web.acting import perform
from workflow_app.web.actors import current_actor
from workflow_app.web.context import here
from workflow_app.web.fields import field_errors, posted_day, require_none
from workflow_app.web.organisations.administration import record
from workflow_app.web.organisations.bloc_rights import keeper_of, running_dossiers
from workflow_app.web.organisations.blocs import bloc_of, bp
from workflow_app.web.reading import reader
from workflow_app.web.reference import forget


@bp.get("/new")
def new() -> ResponseReturnValue:
    """The form for a new bloc."""
    keeper_of(_federation())
    return _form_page({}, [])


@bp.post("")
def create() -> ResponseReturnValue:
    """Founds a bloc; its first list is the next step."""
    federation_id, form = _federation(), request.form
    seat, errors = keeper_of(federation_id), list[FieldError]()
    since = posted_day(form, "valid_from", errors) or clock.today()
    facts = {name: vietnamese.clean_line(form.get(name, "")) for name in ("code", "name", "symbol", "basis")}
    errors.extend(FieldError(name, text) for name, text in _missing(facts))
    kind = BlocKind.CLUSTER if form.get("kind") == BlocKind.CLUSTER else BlocKind.BLOC

    def act(session: Session, op_id: UUID) -> UUID:
        bloc = form_bloc(session, federation_id=federation_id, kind=kind, valid_from=since, **facts)
        details = {"code": facts["code"], "from": since}
        record(session, seat, "bloc.formed", "bloc", bloc.id, details, op_id)
        return bloc.id

    try:
        require_none(errors)
        made = perform(act)
    except Invalid as refusal:
        return _form_page(form.to_dict(), list(refusal.errors)), 422
    except (CodeTaken, SymbolTaken) as refusal:
        field = "code" if isinstance(refusal, CodeTaken) else "symbol"
        return _form_page(form.to_dict(), [FieldError(field, refusal.vi)]), 422
    if made is None:
        return redirect(url_for("blocs.index"), code=303)
    flash(_("Đã lập khối. Tiếp theo là danh sách đơn vị của năm."), "success")
    return redirect(url_for("blocs.list_form", bloc_id=made, year=clock.today().year), code=303)


@bp.get("/<uuid:bloc_id>/name")
def name_form(bloc_id: UUID) -> ResponseReturnValue:
    """Another name or symbol, from which day, on which decision."""
    bloc = kept_bloc(bloc_id)[0]
    return _life_page("name", bloc, {"name": bloc.name, "symbol": bloc.symbol}, [])


@bp.post("/<uuid:bloc_id>/name")
def rename(bloc_id: UUID) -> ResponseReturnValue:
    """Renames; papers made before keep the name they carry."""
    (bloc, seat), form, errors = kept_bloc(bloc_id), request.form, list[FieldError]()
    effective, basis = decision(form, errors)
    name, symbol = form.get("name", ""), vietnamese.clean_line(form.get("symbol", ""))
    if not symbol:
        errors.append(FieldError("symbol", _no_symbol()))

    def act(session: Session, op_id: UUID) -> None:
        rename_bloc(
            session,
            bloc_id,
            name=name,
            symbol=symbol,
            effective=effective,
            basis=basis,
            today=clock.today(),
        )
        record(session, seat, "bloc.renamed", "bloc", bloc_id, {"from": effective, "basis": basis}, op_id)

    try:
        require_none(errors)
        perform(act)
    except Invalid as refusal:
        return _life_page("name", bloc, form.to_dict(), list(refusal.errors)), 422
    except Refusal as refusal:
        field = "symbol" if isinstance(refusal, SymbolTaken) else "effective"
        return _life_page("name", bloc, form.to_dict(), [FieldError(field, refusal.vi)]), 422
    forget()
    flash(_("Đã ghi tên và ký hiệu mới của khối."), "success")
    return redirect(url_for("blocs.history", bloc_id=bloc_id), code=303)


@bp.get("/<uuid:bloc_id>/ending")
def ending_form(bloc_id: UUID) -> ResponseReturnValue:
    """The confirming page: from which day, on which decision, and what still runs."""
    return _life_page("ending", kept_bloc(bloc_id)[0], {}, [])


@bp.post("/<uuid:bloc_id>/ending")
def end(bloc_id: UUID) -> ResponseReturnValue:
    """Ends a bloc and its lists; refused while a dossier of it runs."""
    (bloc, seat), form, errors = kept_bloc(bloc_id), request.form, list[FieldError]()
    effective, basis = decision(form, errors)

    def act(session: Session, op_id: UUID) -> None:
        lock_bloc(session, bloc_id)
        if titles := running_dossiers(session, bloc_id):
            raise BlocBusy(f"bloc {bloc_id} has running instances", dossiers=titles)
        end_bloc(session, bloc_id, effective=effective, basis=basis)
        record(session, seat, "bloc.ended", "bloc", bloc_id, {"from": effective, "basis": basis}, op_id)

    try:
        require_none(errors)
        perform(act)
    except Invalid as refusal:
        return _life_page("ending", bloc, form.to_dict(), list(refusal.errors)), 422
    except Refusal as refusal:
        return _life_page("ending", bloc, form.to_dict(), [FieldError("effective", refusal.vi)]), 422
    forget()
    flash(_("Đã ghi kết thúc hoạt động của khối."), "success")
    return redirect(url_for("blocs.history", bloc_id=bloc_id), code=303)


def kept_bloc(bloc_id: UUID) -> tuple[Bloc, Seat]:
    """The bloc and the seat in which the actor changes it. Raises NotFound, Forbidden."""
    bloc = bloc_of(reader(), bloc_id)
    return bloc, keeper_of(bloc.federation_id)


def decision(form: Mapping[str, str], errors: list[FieldError]) -> tuple[date, str]:
    """The day and the paper of a decision; what is missing or cannot be read is added to `errors`."""
    effective = posted_day(form, "effective", errors)
    basis = vietnamese.clean_line(form.get("basis", ""))
    if effective is None and not any(error.field == "effective" for error in errors):
        errors.append(FieldError("effective", _("Nhập ngày có hiệu lực của quyết định.")))
    if not basis:
        errors.append(FieldError("basis", _("Ghi số và ngày của quyết định.")))
    return effective or clock.today(), basis


def _federation() -> UUID:
    federation_id = here().federation_id
    if federation_id is None:
        raise NotFound(f"person {current_actor().person_id} has no federation")
    return federation_id


def _missing(facts: Mapping[str, str]) -> list[tuple[str, str]]:
    sentences = {
        "code": _("Nhập mã của khối, ví dụ 04."),
        "name": _("Nhập tên khối, ví dụ Khối thi đua 04."),
        "symbol": _no_symbol(),
        "basis": _("Ghi số và ngày của quyết định."),
    }
    return [(name, sentence) for name, sentence in sentences.items() if not facts[name]]


def _no_symbol() -> str:
    return str(_("Nhập ký hiệu của khối trên văn bản, ví dụ KTĐ04."))


def _form_page(typed: dict[str, str], errors: list[FieldError]) -> str:
    return render_template("blocs/form.html", op_id=new_id(), typed=typed, **field_errors(errors))


def _life_page(which: str, bloc: Bloc, typed: dict[str, Any], errors: list[FieldError]) -> str:
    return render_template(
        f"blocs/{which}.html",
        op_id=new_id(),
        bloc=bloc,
        running=running_dossiers(reader(), bloc.id),
        typed=typed,
        **field_errors(errors),
    )
